"""python -m bench.files: how fast files come and go, and what memory that takes.

The same file through each server, on one core; the sender and receiver on the other.
"""

import argparse
import base64
import re
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

from bench import machine, transfers
from bench.report import table
from bench.transfers import Source
from tests.live.person import Person
from tests.live.processes import (
    PROJECT,
    START_SECONDS,
    Process,
    answers,
    clean_environment,
    free_port,
    manage,
    wait_until,
)
from tests.live.upload import checksum, headers_of

MIB = 1024 * 1024
ROUNDS, FILE_MIB, QUICK_MIB = 5, 1024, 256
RESULTS = Path(__file__).parent / "results" / "files.md"
NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{
  access_log off; sendfile on; client_max_body_size 0; client_body_buffer_size 1m;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port};
    {rules}
  }}
}}
"""
DAV = "location / {{ root {folder}; dav_methods PUT; }}"
PROXY = """
    proxy_http_version 1.1; proxy_set_header Host $http_host;
    proxy_set_header X-Real-IP $remote_addr; proxy_set_header Connection "";
    location / {{
      proxy_pass http://127.0.0.1:{behind};
      proxy_request_buffering off; client_body_buffer_size 256k;
    }}
    location /protected/ {{ internal; alias {media}/; }}
"""


class Plain:
    """The plain pair on some ASGI server."""

    def __init__(self, name, arguments):
        self.name, self.arguments = name, arguments

    def start(self, folder):
        self.port = free_port()
        environment = clean_environment(PLAIN_FOLDER=folder)
        arguments = [part.format(port=self.port) for part in self.arguments]
        self.processes = [start([sys.executable, *arguments], folder, environment)]
        wait_until(lambda: answers(self.port), START_SECONDS)

    def upload(self, source):
        return transfers.put(self.port, "/file", source)

    def download(self, source):
        return transfers.get(self.port, "/file", source)


class Hashing(Plain):
    """The plain pair, and the SHA-256 of what came: the least that verifies a file."""

    def upload(self, source):
        return transfers.put(self.port, "/hashed/file", source)


class AtOnce(Hashing):
    """The same, of a body that is taken while it comes instead of once it is whole."""

    def upload(self, source):
        return transfers.put(self.port, "/coming/hashed/file", source)


class Nginx(Plain):
    """nginx alone: its dav module takes files, sendfile gives them."""

    def __init__(self):
        super().__init__("nginx alone", [])

    def start(self, folder):
        self.port = free_port()
        self.processes = [start_nginx(folder, self.port, DAV.format(folder=folder))]


class Chatsite:
    """This project: a file announced in a message, sent by tus in one request (as its
    clients do unless they are told otherwise), read as a member."""

    name = "Chatsite"

    def start(self, folder):
        self.port = free_port()
        self.processes = [self._start_server(folder, self.port)]
        self._enter()

    def _start_server(self, folder, port, **settings):
        environment = clean_environment(DATA_DIR=folder, PORT=port, **settings)
        manage(environment, "prepare")
        server = start([sys.executable, "-m", "chatsite.server"], folder, environment)
        wait_until(lambda: answers(port), START_SECONDS)
        return server

    def _enter(self):
        self.member = Person(f"http://127.0.0.1:{self.port}", "Bench").join("1001")
        self.headers = headers_of(self.member)

    def upload(self, source):
        line = transfers.Line(self.port, self.headers)
        name = base64.b64encode(b"bench.bin").decode()
        fields = {"Upload_Length": source.size, "Upload_Metadata": f"filename {name}"}
        line.ask("POST", f"{self.member.page_path}uploads/", **fields)
        status, answer = line.answer()
        line.close()
        assert status == 201, status
        return self._send(answer["location"], source)

    def _send(self, path, source):
        return transfers.patch(self.port, path, source, self.headers)

    def download(self, source):
        page = self.member.get(self.member.page_path).text
        path = re.findall(r'"(/rooms/[^"/]+/files/[^"/]+/)"', page)[-1]
        cookie = {"Cookie": self.headers["Cookie"]}
        return transfers.get(self.port, path, source, cookie)


class ChatsiteInChunks(Chatsite):
    """As our own page sends: a MiB each, with its checksum."""

    name = "Chatsite, in chunks"

    def _send(self, path, source):
        return transfers.patch_in_chunks(
            self.port, path, source, self.headers, checksum(source.piece)
        )


class ChatsiteBehindNginx(Chatsite):
    name = "Chatsite behind nginx"

    def start(self, folder):
        self.port, behind = free_port(), free_port()
        rules = PROXY.format(behind=behind, media=folder / "media")
        settings = {"SITE_URL": f"http://127.0.0.1:{self.port}", "BEHIND_PROXY": "true"}
        settings["ACCEL_REDIRECT_URL"] = "/protected/"
        server = self._start_server(folder, behind, **settings)
        self.processes = [server, start_nginx(folder, self.port, rules)]
        self._enter()


PLAIN = "bench.plain:application"
OUR_SERVER, HASHING, AT_ONCE, STOCK, UVICORN = (
    "plain, same server",
    "plain, same server, with SHA-256",
    "plain, same server, while it comes",
    "plain, stock Daphne",
    "plain, uvicorn",
)
PEERS = [
    Plain(OUR_SERVER, ["-m", "bench.plain", "{port}"]),
    Hashing(HASHING, ["-m", "bench.plain", "{port}"]),
    AtOnce(AT_ONCE, ["-m", "bench.plain", "{port}"]),
    Plain(STOCK, ["-m", "daphne", "-v", "0", "-p", "{port}", PLAIN]),
    Plain(
        UVICORN, ["-m", "uvicorn", "--log-level", "error", "--port", "{port}", PLAIN]
    ),
    Nginx(),
    Chatsite(),
    ChatsiteInChunks(),
    ChatsiteBehindNginx(),
]
RATIOS = [
    ("Chatsite", OUR_SERVER, "≥ 0.7 ×"),
    ("Chatsite", HASHING, ""),
    ("Chatsite", AT_ONCE, ""),
    ("Chatsite, in chunks", OUR_SERVER, ""),
    ("Chatsite behind nginx", "nginx alone", "≥ 0.9 ×"),
]


def start(arguments, folder, environment=None):
    with machine.on_server_core():
        log = folder / "server.log"
        return Process(arguments, log=log, cwd=PROJECT, env=environment).start()


def start_nginx(folder, port, rules):
    file = folder / "nginx.conf"
    file.write_text(NGINX.format(folder=folder, port=port, rules=rules))
    folder.chmod(0o755)
    arguments = [find_nginx(), "-c", str(file), "-e", str(folder / "error.log")]
    if not Path("/proc/self").stat().st_uid:
        arguments += ["-g", "user root;"]
    process = start(arguments, folder)
    wait_until(lambda: answers(port), START_SECONDS)
    return process


def find_nginx():
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def measure(peer, source, number):
    """Return {what: figure} of one round: MiB/s and MiB of memory, both ways."""
    folder = Path(tempfile.mkdtemp(prefix="chatsite-files-"))
    try:
        peer.start(folder)
        touch_memory(folder, source)
        found = {"upload": watched(peer, source, peer.upload)}
        found["download"] = watched(peer, source, peer.download)
    finally:
        for process in reversed(peer.processes):
            process.stop()
        shutil.rmtree(folder, ignore_errors=True)
    words = "; ".join(
        f"{way} {speed:,.0f} MiB/s, +{memory:.0f} MiB"
        for way, (speed, memory) in found.items()
    )
    print(f"{number} | {peer.name} | {words}", flush=True)
    return found


def touch_memory(folder, source):
    """Have the kernel hold memory for three such files: a virtual machine gets it from
    its host at the first touch, which takes ten times as long as writing does."""
    with tempfile.TemporaryFile(dir=folder) as file:
        for _copy in range(3):
            for piece in source.pieces():
                file.write(piece)


def watched(peer, source, move):
    """Return (MiB/s, MiB by which its processes grew at their peak)."""
    pids = [process.popen.pid for process in peer.processes]
    before = machine.memory_bytes(pids)
    machine.forget_peaks(pids)
    seconds = move(source)
    grown = machine.peak_bytes(pids) - before
    return source.size / MIB / seconds, grown / MIB


def write(rows, source, is_whole):
    """Print the table; a whole run goes into bench/results."""
    figures = {
        name: [
            median(round_[way][i] for round_ in rounds) for way in WAYS for i in (0, 1)
        ]
        for name, rounds in rows.items()
    }
    lines = [[name, *(f"{value:,.0f}" for value in f)] for name, f in figures.items()]
    head = ["", "upload MiB/s", "memory +MiB", "download MiB/s", "memory +MiB"]
    about = ", ".join(f"{k} {v}" for k, v in machine.description().items())
    text = (
        f"# Files\n\nOne file of {source.size // MIB:,} MiB, medians of "
        f"{len(next(iter(rows.values())))}, on {about}. See "
        f"[bench/README.md](../README.md).\n\n{table(head, lines)}\n\n"
        f"{table(['', 'upload', 'download', 'wanted'], list(ratios(figures)))}\n"
    )
    print("\n" + text)
    if is_whole:
        RESULTS.write_text(text)


WAYS = ("upload", "download")


def ratios(figures):
    for ours, other, wanted in RATIOS:
        if ours in figures and other in figures:
            mine, theirs = figures[ours], figures[other]
            up, down = mine[0] / theirs[0], mine[2] / theirs[2]
            yield [
                f"{ours} to {other}",
                f"{up:.2f} ×",
                f"{down:.2f} ×",
                wanted,
            ]


def main():
    parser = argparse.ArgumentParser(prog="bin/bench files")
    parser.add_argument("--quick", action="store_true", help="one round, a small file")
    parser.add_argument("--only", default="", metavar="NAME", help="servers named so")
    options = parser.parse_args()
    machine.take_load_core()
    source = Source((QUICK_MIB if options.quick else FILE_MIB) * MIB)
    peers = [p for p in PEERS if options.only.lower() in p.name.lower()]
    if not find_nginx():
        peers = [p for p in peers if "nginx" not in p.name]
        print("bench: skipped what needs nginx")
    rows = {peer.name: [] for peer in peers}
    for number in range(1, (1 if options.quick else ROUNDS) + 1):
        for peer in peers:
            rows[peer.name].append(measure(peer, source, number))
    write(rows, source, is_whole=not (options.quick or options.only))


if __name__ == "__main__":
    main()
