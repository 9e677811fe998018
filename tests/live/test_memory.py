"""Whatever size a file has, the server's memory stays the same."""

import contextlib
import json
import os
import re
import socket
import time
from pathlib import Path

import pytest

from tests.live.person import Person
from tests.live.upload import Upload

pytestmark = pytest.mark.live
MIB = 1024 * 1024
FILE_MIB = 64
ALLOWED_MIB = 24
AT_THE_END = """
import atexit, sys

def count():
    if module := sys.modules.get("chatsite.daphne.requests"):
        print("kept:", module.ChatRequest.all_kept)

atexit.register(count)
"""


@pytest.fixture
def alice(server):
    alice = Person(server.url, "Alice").join("1001")
    alice.post_form("warm up", files=[("a.bin", b"x" * MIB)])
    assert Upload(alice, b"x" * MIB).send_rest(0).status == 204
    assert server.upload_pid()
    return alice


def memory(server, name="VmHWM"):
    """Return the server's peak (or present, VmRSS) memory in MiB, with that of the
    process that takes its uploads."""
    kib = 0
    for pid in filter(None, (server.popen.pid, server.upload_pid())):
        status = Path(f"/proc/{pid}/status").read_text()
        kib += int(re.search(rf"{name}:\s+(\d+)", status)[1])
    return kib // 1024


def test_an_upload_and_its_download_stay_on_disk(server, alice):
    before = memory(server)

    answer = alice.post_form("", files=[("big.bin", os.urandom(FILE_MIB * MIB))])
    path = answer.json()["events"][0]["html"].split('href="')[1].split('"')[0]
    received = alice.get(path).content

    assert len(received) == FILE_MIB * MIB
    assert memory(server) - before < ALLOWED_MIB


def changed(code):
    """Return the command of a server that does something else before it starts."""
    lines = "from chatsite import server; from chatsite.daphne import requests; "
    lines += f"{code}; server.main()"
    return lambda port: ["-c", lines]


@pytest.fixture
def counted_server(make_server, tmp_path):
    """A server of which each process says at its end how much of bodies it keeps."""
    (tmp_path / "sitecustomize.py").write_text(AT_THE_END)
    return make_server(PYTHONPATH=tmp_path)


def kept_by(server):
    """End a server; return what each of its processes has said, the upload's first."""
    server.stop()
    return re.findall(r"kept: (\d+)", server.log.read_text())


def upload_at_once(alice, mib):
    """Upload so many MiB in chunks, asking nothing between them."""
    upload = Upload(alice, bytes(mib * MIB))
    upload.send_until(mib * MIB)
    return f"{alice.page_path}files/{upload.id}/"


def test_chunks_stay_on_disk(server, alice):
    before = memory(server)

    path = upload_at_once(alice, FILE_MIB)

    assert len(alice.get(path).content) == FILE_MIB * MIB
    assert memory(server) - before < ALLOWED_MIB


def test_many_begun_chunks_stay_on_disk(counted_server):
    server = counted_server
    alice = Person(server.url, "Alice").join("1001")
    upload = Upload(alice, bytes(MIB))
    before = memory(server)

    for _round in range(3):  # what was kept for the ones before is free again
        with contextlib.ExitStack() as open_ones:
            for _sender in range(200):
                line = open_ones.enter_context(upload.begin(upload.headers_at(0), MIB))
                line.sendall(bytes(MIB - 1))
            time.sleep(0.5)

    assert memory(server) - before < 32 + ALLOWED_MIB
    assert upload.send_at(0).status == 204
    assert kept_by(server) == ["0", "0"]


def test_a_body_in_one_request_stays_on_disk(server, alice):
    upload = Upload(alice, bytes(FILE_MIB * MIB))
    before = memory(server)

    assert upload.send_rest(0).status == 204

    assert memory(server) - before < ALLOWED_MIB


def test_many_long_bodies_that_stall_are_not_kept(make_server):
    server = make_server()
    people = [Person(server.url, f"Guest {n}").join("1001") for n in range(4)]
    uploads = [Upload(p, bytes(3 * MIB)) for p in people for _file in range(25)]
    before = memory(server)

    with contextlib.ExitStack() as open_ones:
        for upload in uploads:
            open_ones.enter_context(upload.begin_rest(0)).sendall(bytes(MIB - 1))
        deadline = time.monotonic() + 60
        while any(upload.offset() < MIB - 1 for upload in uploads):
            assert time.monotonic() < deadline

    held = 32 + len(uploads) * 0.2  # of all together, and of each (decision 10)
    assert memory(server) - before < held + ALLOWED_MIB
    assert all(upload.send_rest(MIB - 1).status == 204 for upload in uploads[:3])


def test_who_sends_faster_than_is_answered_waits(server, alice):
    alice.connect()
    padded = json.dumps(
        {
            "type": "resume",
            "change": alice.change,
            "epoch": alice.epoch,
            "more": "x" * 60_000,
        }
    )
    before = memory(server)

    for _ in range(800):
        alice.socket.send(padded)
    alice.post("after all of them")
    alice.hear_body("after all of them", seconds=60)

    assert memory(server) - before < ALLOWED_MIB


def test_a_body_before_a_socket_is_not_kept(counted_server):
    server = counted_server
    lines = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    lines += f"Sec-WebSocket-Key: {'A' * 22}==\r\nContent-Length: 1000\r\n"
    head = f"GET /rooms/x/socket/ HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n"

    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as line:
        line.sendall(head.encode() + bytes(1000))
        assert line.recv(1000)

    assert kept_by(server) == ["0"]


@pytest.mark.long
def test_two_gib_in_chunks_stay_on_disk(server, alice):
    before = memory(server)

    upload_at_once(alice, 2048)

    assert memory(server) - before < 50


def test_a_reader_who_does_not_read_costs_nothing(server, alice):
    answer = alice.post_form("", files=[("big.bin", os.urandom(FILE_MIB * MIB))])
    path = answer.json()["events"][0]["html"].split('href="')[1].split('"')[0]
    before = memory(server, "VmRSS")
    cookies = "; ".join(f"{c.name}={c.value}" for c in alice.http.cookies)

    with socket.create_connection(("127.0.0.1", server.port)) as reader:
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\n\r\n"
        reader.send(request.encode())
        assert reader.recv(12) == b"HTTP/1.1 200"
        time.sleep(3)
        grown = memory(server, "VmRSS") - before

    assert grown < ALLOWED_MIB


def test_who_reads_nothing_for_too_long_is_cut(make_server):
    server = make_server(command=changed("requests.STALLED_SECONDS = 1"))
    alice = Person(server.url, "Alice").join("1001")
    answer = alice.post_form("", files=[("big.bin", bytes(FILE_MIB * MIB))])
    path = answer.json()["events"][0]["html"].split('href="')[1].split('"')[0]
    cookies = "; ".join(f"{c.name}={c.value}" for c in alice.http.cookies)

    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as reader:
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\n\r\n"
        reader.send(request.encode())
        assert reader.recv(12) == b"HTTP/1.1 200"
        time.sleep(3)
        with pytest.raises(ConnectionResetError):
            while reader.recv(MIB):
                pass

    assert len(alice.get(path).content) == FILE_MIB * MIB


def test_a_body_over_the_limit_is_refused_and_stored_nowhere(make_server):
    server = make_server(MAX_UPLOAD_MIB=1)
    alice = Person(server.url, "Alice").join("1001")

    answer = alice.post_form("", files=[("big.bin", b"x" * 3 * MIB)])

    assert (answer.status_code, answer.text) == (
        413,
        "That is too large: one message may carry 1 MiB of files.",
    )
    media = Path(server.environment["DATA_DIR"]) / "media"
    assert [path for path in media.rglob("*") if path.is_file()] == []
