"""Uploads are taken by a process of their own, which may end at any moment."""

import contextlib
import http.client
import os
import signal
import socket
import time
from pathlib import Path

import pytest

from tests.live.person import Person
from tests.live.test_uploads import assert_is_whole
from tests.live.test_uploads_at_once import answer_on, until
from tests.live.upload import CHUNK_BYTES, Upload, headers_of

pytestmark = pytest.mark.live
MIB = 1024 * 1024


@pytest.fixture
def alice(server):
    return Person(server.url, "Alice").join("1001")


def is_running(pid):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def read_bytes_of(pid):
    """Return how much a process has read and written, of anything."""
    counts = Path(f"/proc/{pid}/io").read_text().splitlines()
    lines = dict(line.split(": ") for line in counts)
    return int(lines["rchar"]) + int(lines["wchar"])


def test_the_process_of_the_chat_does_not_touch_the_bytes(server, alice):
    data = os.urandom(8 * MIB)
    upload = Upload(alice, data)
    before = read_bytes_of(server.popen.pid)

    upload.send_until(len(data))

    assert read_bytes_of(server.popen.pid) - before < MIB
    assert_is_whole(server, alice, data)


def test_a_site_without_uploads_has_no_such_process(server, alice):
    alice.connect()
    alice.post_form("", files=[("a.txt", b"by the form")])

    assert server.upload_pid() is None


def test_one_connection_goes_to_and_fro(server, alice):
    data = os.urandom(3 * MIB)
    upload = Upload(alice, data)
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    statuses = []
    for offset in range(0, len(data), CHUNK_BYTES):
        headers = upload.headers | upload.headers_at(offset)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        line.request("PATCH", upload.path, upload.chunk_at(offset), headers)
        answer = line.getresponse()
        answer.read()
        port = line.sock.getsockname()[1]
        line.request("GET", alice.page_path, headers=upload.headers)
        page = line.getresponse()
        statuses.append((answer.status, page.status, upload.id in page.read().decode()))
        assert line.sock.getsockname()[1] == port  # it was not opened again
    line.close()

    assert statuses == [(204, 200, True)] * 3
    assert_is_whole(server, alice, data)


def test_a_first_line_in_two_parts_is_served_by_whoever_has_it(server, alice):
    upload = Upload(alice, b"some bytes")
    fields = "".join(f"{name}: {value}\r\n" for name, value in upload.headers.items())
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as line:
        for path, status in ((upload.path, 200), (alice.page_path, 200)):
            line.sendall(f"HEAD {path} HT".encode())
            time.sleep(0.1)
            line.sendall(f"TP/1.1\r\nHost: localhost\r\n{fields}\r\n".encode())
            answer = http.client.HTTPResponse(line, method="HEAD")
            answer.begin()
            assert answer.status == status
            line.sendall(f"HEAD {upload.path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            answer = http.client.HTTPResponse(line, method="HEAD")
            answer.begin()
            assert answer.status == 400  # of the other process: no such host


def test_a_socket_on_such_a_connection_opens_nothing(server, alice):
    upload = Upload(alice, b"some bytes")
    fields = "Upgrade: websocket\r\nConnection: Upgrade\r\n"
    fields += f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {'A' * 22}==\r\n"
    fields += "Host: localhost\r\n"
    first = f"OPTIONS {upload.path} HTTP/1.1\r\nHost: localhost\r\n\r\n"
    second = f"GET {alice.page_path}socket/ HTTP/1.1\r\n{fields}\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as line:
        line.sendall((first + second).encode())  # both before the first is answered
        answers = b""
        while part := line.recv(65536):
            answers += part

    assert answers.count(b"HTTP/1.1 ") == 2
    assert b"HTTP/1.1 101" not in answers
    assert Upload(alice, b"y").send_rest(0).status == 204


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_amid_an_upload_and_another_goes_on(server, alice, number):
    alice.connect()
    data = os.urandom(5 * MIB)
    upload = Upload(alice, data)
    with upload.begin_rest(0) as line:
        line.sendall(data[: 3 * MIB])
        until(lambda: upload.offset() >= 2 * MIB)
        os.kill(server.upload_pid(), number)
        until(lambda: not line.recv(65536))

    alice.post("the chat goes on")
    alice.hear_body("the chat goes on")
    offset = upload.offset()
    assert offset >= 2 * MIB
    assert upload.send_rest(offset).status == 204
    assert_is_whole(server, alice, data)
    until(lambda: upload.offset() == len(data) and server.upload_pid())


FAILS = """
import sys
if "chatsite.upload_server" in sys.orig_argv:
    sys.exit("no such luck")
"""


def test_one_that_cannot_start_is_done_without(make_server, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(FAILS)
    server = make_server(PYTHONPATH=tmp_path)
    alice = Person(server.url, "Alice").join("1001")
    data = os.urandom(3 * MIB)
    headers = headers_of(alice)
    try:
        upload = Upload(alice, data, headers=headers)
    except ConnectionResetError:  # the one for which it was started
        upload = Upload(alice, data, headers=headers)

    assert upload.send_rest(0).status == 204
    assert "no such luck" in server.log.read_text()
    assert_is_whole(server, alice, data)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_the_chat(server, alice, number):
    Upload(alice, b"x" * MIB)
    pid = server.upload_pid()

    server.signal(number)
    server.popen.wait(15)

    until(lambda: not is_running(pid))


def test_an_orderly_stop_lets_it_finish(server, alice):
    data = os.urandom(2 * MIB)
    upload = Upload(alice, data)
    with upload.begin_rest(0) as line:
        line.sendall(data[:MIB])
        until(lambda: upload.offset() > 0)
        server.signal(signal.SIGTERM)
        time.sleep(0.5)
        line.sendall(data[MIB:])
        status, headers, _content = answer_on(line)

    assert (status, headers["Upload-Offset"]) == (204, str(len(data)))
    server.popen.wait(15)
    server.start()
    assert_is_whole(server, alice, data)
