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


def test_what_comes_in_parts_is_answered_where_it_is(server, alice):
    upload = Upload(alice, b"some bytes")
    fields = "".join(f"{name}: {value}\r\n" for name, value in upload.headers.items())
    statuses = []
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as line:
        for verb, path, host, moment in (
            ("HEAD", upload.path, "localhost", 0.1),  # by the chat's own process
            ("HEAD", upload.path, "elsewhere", 0.0),
            ("HEAD", alice.page_path, "localhost", 0.1),  # by the other one
            ("POST", "/", "localhost", 0.1),
        ):
            line.sendall(f"{verb} {path} HT".encode() if moment else b"")
            time.sleep(moment)
            rest = f"TP/1.1\r\nHost: {host}\r\n{fields}\r\n"
            line.sendall((rest if moment else f"{verb} {path} HT{rest}").encode())
            answer = http.client.HTTPResponse(line, method=verb)
            answer.begin()
            statuses.append(answer.status)
        assert line.recv(1) == b""

    assert statuses == [200, 400, 200, 421]


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


def hangs_soon(port):
    lines = "from chatsite import server, upload_process; "
    lines += "upload_process.HANG_SECONDS = 2; server.main()"
    return ["-c", lines]


def test_one_that_hangs_is_replaced(make_server):
    server = make_server(command=hangs_soon)
    alice = Person(server.url, "Alice").join("1001")
    data = os.urandom(2 * MIB)
    upload = Upload(alice, data)
    pid = server.upload_pid()
    os.kill(pid, signal.SIGSTOP)

    with pytest.raises((ConnectionError, http.client.HTTPException)):
        upload.send_rest(0)

    until(lambda: not is_running(pid))
    assert upload.send_rest(upload.offset()).status == 204
    assert_is_whole(server, alice, data)


def test_one_that_hangs_does_not_keep_the_chat_from_ending(server, alice):
    Upload(alice, b"x")
    pid = server.upload_pid()
    os.kill(pid, signal.SIGSTOP)

    server.signal(signal.SIGTERM)
    server.popen.wait(15)

    assert not is_running(pid)


def test_what_it_announces_reaches_other_servers_at_once(make_server, redis):
    near, far = (make_server(REDIS_URL=redis.url) for _server in range(2))
    alice = Person(near.url, "Alice").join("1001")
    alice.connect()
    headers = headers_of(alice)
    alice.url = far.url  # which has seen nobody so far, and serves no page

    data = os.urandom(4 * MIB)
    upload = Upload(alice, data, headers=headers)
    with upload.begin_rest(0) as line:
        line.sendall(data[:-1])
        progress = alice.hear("progress")["files"]
        line.sendall(data[-1:])
        assert answer_on(line)[0] == 204

    assert 0 < progress[upload.id] < len(data)


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
