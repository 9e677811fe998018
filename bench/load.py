"""Runs the load generator (load.c): its plan, its commands, its answers."""

import json
import subprocess
import threading

CONNECT_SECONDS = 240
COMMAND_SECONDS = 60  # beyond what was asked for: the rest has to arrive
HANDSHAKE = (
    "GET {path} HTTP/1.1\r\n"
    "Host: 127.0.0.1:{port}\r\n"
    "Origin: http://127.0.0.1:{port}\r\n"
    "Upgrade: websocket\r\n"
    "Connection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    "{headers}\r\n"
)


class LoadFailed(Exception):
    """The generator ended, or did not answer in time."""


def join_line(room, port, path, *, cookie="", first=""):
    """Return the plan's line for one connection."""
    headers = f"Cookie: {cookie}\r\n" if cookie else ""
    shaken = HANDSHAKE.format(path=path, port=port, headers=headers)
    escaped = shaken.replace("\r", "\\r").replace("\n", "\\n")
    return f"join\t{room}\t{port}\t{escaped}\t{first}"


class Load:
    """The generator with its connections open; a context manager."""

    def __init__(self, program, plan, folder):
        plan_file = folder / "plan"
        plan_file.write_text("\n".join(plan) + "\n")
        self.errors = (folder / "load.log").open("w+")
        self.popen = subprocess.Popen(
            [program, plan_file],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
        )

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.popen.kill()
        self.popen.wait(15)
        self.popen.stdin.close()
        self.popen.stdout.close()
        self.errors.close()

    def wait_ready(self, wanted):
        """Wait until every connection is open and quiet; return how that went."""
        answer = self._answer("ready", CONNECT_SECONDS)
        if answer["ready"] != wanted:
            self._fail(f"{answer['ready']} of {wanted} connected")
        return answer

    def measure(self, command, used):
        """Run a command. `used()` is asked when the measured time begins and ends.

        Returns the generator's result and the two answers.
        """
        self.popen.stdin.write(command.line() + "\n")
        self.popen.stdin.flush()
        most = command.warm + command.seconds + COMMAND_SECONDS
        self._answer("begin", most)
        before = used()
        self._answer("end", most)
        after = used()
        return self._answer("result", most), before, after

    def _answer(self, wanted, seconds):
        patience = threading.Timer(seconds, self.popen.kill)
        patience.start()
        try:
            line = self.popen.stdout.readline()
        finally:
            patience.cancel()
        if not line:
            self._fail(f"no {wanted}")
        answer = json.loads(line)
        if answer.pop("is") != wanted:
            self._fail(f"not {wanted}: {line}")
        return answer

    def _fail(self, why):
        """Raise LoadFailed with the last that the generator complained about."""
        self.errors.seek(0)
        lines = [why, *self.errors.read().splitlines()[-1:]]
        raise LoadFailed(", ".join(lines))
