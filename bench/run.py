"""python -m bench.run: runs the rounds and writes the results. See bench/README.md."""

import argparse
import json
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from bench import machine, opening, report
from bench.load import Load, LoadFailed
from bench.peers import all_peers
from bench.scenarios import QUICK_SHAPES, SHAPES
from bench.services import Services

ROUNDS = 5
MINUTES = 50
SPARE_FILES = 100
RESULTS = Path(__file__).parent / "results"


def main():
    options = read_options()
    if not machine.is_enough():
        sys.exit("bench: two cores are needed, one for the server, one for the load.")
    files = machine.allow_open_files()
    machine.take_load_core()
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(1)
    )  # so that `finally` is reached
    folder = Path(tempfile.mkdtemp(prefix="chatsite-bench-"))
    services = Services(options.tools, folder)
    runs = Runs(services, options, most_connections=files - SPARE_FILES)
    try:
        if options.shape in opening.NAME and not options.only:
            runs.open_rooms(opening.QUICK_ROUNDS if options.quick else opening.ROUNDS)
        runs.prepare()
        runs.go()
    finally:
        services.stop()
        shutil.rmtree(folder, ignore_errors=True)
    write(runs, options)


def read_options():
    parser = argparse.ArgumentParser(prog="bin/bench")
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument("--only", default="", metavar="NAME", help="peers named so")
    parser.add_argument("--shape", default="", metavar="NAME", help="shapes named so")
    parser.add_argument("--rounds", type=int, default=0, help=f"default: {ROUNDS}")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="at most")
    parser.add_argument("--results", type=Path, default=None, help="a folder")
    parser.add_argument("--tools", type=Path, required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.is_whole = not (options.quick or options.only or options.shape)
    options.rounds = options.rounds or (1 if options.quick else ROUNDS)
    return options


class Runs:
    """Every peer in every shape, in rounds, so that a slow minute hits all of them.

    A shape with repeats is measured once, in the first round.
    """

    def __init__(self, services, options, most_connections):
        self.services = services
        shapes = QUICK_SHAPES if options.quick else SHAPES
        self.shapes = [
            shape
            for shape in shapes
            if options.shape in shape.name and shape.connections <= most_connections
        ]
        wanted = options.only.lower()
        names = {shape.name for shape in self.shapes}
        self.peers = [
            peer
            for peer in all_peers(services)
            if wanted in peer.name.lower() and peer.shapes & names
        ]
        for peer in [peer for peer in self.peers if peer.lacks()]:
            print(f"bench: skipped {peer.name}: no {' and no '.join(peer.lacks())}")
            self.peers.remove(peer)
        self.rounds, self.end = options.rounds, time.monotonic() + options.minutes * 60
        self.rows = []

    def prepare(self):
        for peer in self.peers:
            peer.prepare(
                {
                    key_of(shape, number): shape
                    for number in range(self.rounds)
                    for shape in self._shapes_of(number)
                    if shape.name in peer.shapes
                }
            )

    def go(self):
        """Run the rounds; one that would end too late is not begun."""
        longest = 0
        for number in range(self.rounds):
            started = time.monotonic()
            if started + longest > self.end:
                print(f"bench: {number} of {self.rounds} rounds: the time is up")
                return
            for shape in self._shapes_of(number):
                for peer in self.peers:
                    if shape.name in peer.shapes:
                        self._run(peer, shape, number)
            longest = time.monotonic() - started if number else 0

    def open_rooms(self, rounds):
        self.rows += opening.measure_opening(self.services, rounds)

    def _shapes_of(self, number):
        return [shape for shape in self.shapes if number == 0 or shape.repeats == 1]

    def _run(self, peer, shape, number):
        started = time.monotonic()
        try:
            peer.start()
            rows = measure(peer, shape, key_of(shape, number))
        except (LoadFailed, AssertionError) as failure:  # or it did not start
            why = f"{failure} {peer.last_words()}".strip()
            rows = [{"verb": "failure", "why": why}]
        finally:
            peer.stop()
        about = {"peer": peer.name, "shape": shape.name, "round": number + 1}
        self.rows += [about | row for row in rows]
        took = time.monotonic() - started
        words = "; ".join(report.brief(row) for row in rows)
        print(f"{number + 1} | {shape.name} | {peer.name} | {words} ({took:.0f} s)")
        sys.stdout.flush()


def measure(peer, shape, key):
    """Fill the rooms of a shape, measure everything in them; return the rows."""
    plan, folder = peer.plan(shape, key), peer.services.new_folder("load")
    before = machine.memory_bytes(peer.pids())
    with Load(peer.services.tools / "load", plan, folder) as load:
        ready = load.wait_ready(shape.connections)
        bytes_each = (machine.memory_bytes(peer.pids()) - before) / shape.connections
        idle = {"verb": "idle", "bytes": bytes_each, "connecting": ready["seconds"]}
        commands = shape.commands()
        return [idle, *(measure_one(load, peer, c, shape) for c in commands)]


def measure_one(load, peer, command, shape):
    if command.verb == "saturate" and shape.rooms == 1:
        command = command.limited(peer.most_in_flight)

    def used():
        return [
            time.monotonic(),
            peer.redis_commands(),
            machine.cpu_seconds(peer.pids()),
            machine.cpu_seconds(peer.helper_pids()),
            machine.busy_seconds(),
        ]

    result, before, after = load.measure(command, used)
    seconds, commands, *cpu = (b - a for a, b in zip(before, after, strict=True))
    server, helper, busy = (share / seconds for share in cpu)
    others = busy - server - helper - result["load_cpu"]
    shares = {"server_cpu": server, "helper_cpu": helper, "others_cpu": others}
    asked = {"redis_commands": commands, "lasted": seconds}
    return {"verb": command.verb} | result | shares | asked


def key_of(shape, number):
    return f"{shape.name}, round {number + 1}"


def write(runs, options):
    """Write the results; only a whole run goes into the repository by itself."""
    folder = options.results or (RESULTS if options.is_whole else None)
    document = {
        "machine": machine.description(),
        "peers": {peer.name: [peer.kind, peer.stores] for peer in runs.peers},
        "rows": runs.rows,
    }
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "results.json").write_text(json.dumps(document, indent=1) + "\n")
    report.write(document, folder, readme=options.is_whole)


if __name__ == "__main__":
    main()
