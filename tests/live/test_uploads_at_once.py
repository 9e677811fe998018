"""Uploads whose rest comes in one request: stored while it comes."""

import contextlib
import http.client
import json
import os
import socket
import struct
import time
from pathlib import Path

import pytest

from tests.live import processes
from tests.live.person import Person
from tests.live.test_uploads import assert_is_whole, rows_of
from tests.live.upload import CHUNK_TYPE, Upload, checksum, headers_of

pytestmark = pytest.mark.live
MIB = 1024 * 1024
SECONDS = 20


@pytest.fixture
def alice(server):
    return Person(server.url, "Alice").join("1001")


def until(condition):
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def answer_on(line):
    """Return (status, headers, JSON or None) of the answer on a socket."""
    answer = http.client.HTTPResponse(line)
    answer.begin()
    content = answer.read()
    return answer.status, answer.headers, json.loads(content) if content else None


def test_one_request_is_enough(server, alice):
    data = os.urandom(9 * MIB + 5)
    upload = Upload(alice, data)

    answer = upload.send_rest(0)

    assert (answer.status, answer.headers["Upload-Offset"]) == (204, str(len(data)))
    assert_is_whole(server, alice, data)


@pytest.mark.parametrize("size", [200_000, 3 * MIB + 5])
@pytest.mark.parametrize("is_verified", [False, True])
def test_so_it_is_without_a_length(server, alice, size, is_verified):
    data = os.urandom(min(size, MIB) if is_verified else size)
    upload = Upload(alice, data)
    parts = (data[start : start + 70_000] for start in range(0, len(data), 70_000))
    fields = {"Upload_Offset": "0", "Content_Type": CHUNK_TYPE}
    if is_verified:
        fields["Upload_Checksum"] = checksum(data)

    answer = upload.ask("PATCH", upload.path, parts, **fields)

    assert (answer.status, answer.headers["Upload-Offset"]) == (204, str(len(data)))
    assert_is_whole(server, alice, data)


def test_the_connection_serves_others_afterwards(server, alice):
    data = os.urandom(3 * MIB)
    upload = Upload(alice, data)
    with upload.begin_rest(0) as line:
        line.sendall(data)
        status, headers, _content = answer_on(line)
        line.sendall(b"GET /health/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        healthy, _headers, content = answer_on(line)

    assert (status, headers["Upload-Offset"]) == (204, str(len(data)))
    assert (healthy, content) == (200, {"status": "ok"})


@pytest.mark.parametrize("is_reset", [False, True], ids=["left", "reset"])
def test_what_came_before_a_cut_is_kept(server, alice, is_reset):
    data = os.urandom(8 * MIB)
    sent = 5 * MIB + 123
    upload = Upload(alice, data)
    with upload.begin_rest(0) as line:
        line.sendall(data[:sent])
        until(lambda: upload.offset() > 3 * MIB)
        if is_reset:
            line.setsockopt(1, 13, struct.pack("ii", 1, 0))  # SO_LINGER

    if is_reset:  # what the kernel had not handed on yet is lost
        until(lambda: upload.send_rest(upload.offset()).status == 204)
    else:
        until(lambda: upload.offset() == sent)
        assert upload.send_rest(sent).status == 204
    assert_is_whole(server, alice, data)


@pytest.mark.parametrize("megabytes", [0, 2, 5])
def test_a_server_that_is_killed_costs_a_piece(server, alice, megabytes):
    data = os.urandom(8 * MIB)
    upload = Upload(alice, data)
    with upload.begin_rest(0) as line:
        line.sendall(data[: 6 * MIB])
        until(lambda: upload.offset() >= megabytes * MIB)
        server.kill()
    server.start()

    offset = upload.offset()
    assert offset >= megabytes * MIB
    assert upload.send_rest(offset).status == 204
    assert_is_whole(server, alice, data)


def test_others_see_it_come(server, people):
    people.bob.connect()
    data = os.urandom(4 * MIB)
    upload = Upload(people.alice, data)
    with upload.begin_rest(0) as line:
        line.sendall(data[:-1])
        progress = people.bob.hear("progress")["files"]
        line.sendall(data[-1:])
        status, _headers, _content = answer_on(line)

    assert 0 < progress[upload.id] < len(data)
    assert status == 204


def test_who_stalls_keeps_nobody_waiting(server, alice):
    data = os.urandom(4 * MIB)
    stalled = [Upload(alice, data) for _ in range(9)]
    lines = [upload.begin_rest(0) for upload in stalled]
    for line in lines:
        line.sendall(data[: MIB + 1])

    assert Upload(alice, data).send_rest(0).status == 204
    for line in lines:
        line.sendall(data[MIB + 1 :])
        assert answer_on(line)[0] == 204
        line.close()


REMOVE = """
from rooms.actions import remove_member
from rooms.models import Membership
remove_member(Membership.objects.get(name="Alice"))
"""


def test_who_is_removed_meanwhile_is_refused_before_the_end(server, alice):
    data = os.urandom(8 * MIB)
    upload = Upload(alice, data)
    with upload.begin_rest(0) as line:
        line.sendall(data[: 3 * MIB])
        until(lambda: upload.offset() > 2 * MIB)
        processes.manage(server.environment, "shell", "-v0", "-c", REMOVE)
        line.sendall(data[3 * MIB : 6 * MIB])
        status, headers, _content = answer_on(line)

    assert (status, headers["Connection"]) == (404, "close")


def test_more_than_was_announced_is_refused_before_the_end(server, alice):
    data = os.urandom(24 * MIB)
    upload = Upload(alice, data, size=20 * MIB)
    with upload.begin_rest(0) as line:
        line.sendall(data[: 22 * MIB])
        status, headers, content = answer_on(line)

    assert (status, content["code"]) == (413, "beyond_length")
    assert headers["Connection"] == "close"
    assert 12 * MIB < upload.offset() < 20 * MIB  # all but the piece that is too long
    assert "Traceback" not in server.log.read_text()


def test_a_refusal_ends_before_its_sender_does(server, alice):
    """Also one that Django's middleware makes, of an address without its last slash."""
    data = os.urandom(8 * MIB)
    upload = Upload(alice, data)
    upload.path = upload.path.rstrip("/")
    with upload.begin_rest(0) as line:
        line.sendall(data[: 2 * MIB])
        line.settimeout(5)
        status, headers, _content = answer_on(line)

    assert (status, headers["Connection"]) == (301, "close")
    assert "Traceback" not in server.log.read_text()


def test_a_refused_chunk_leaves_the_connection_open(server, alice):
    data = os.urandom(MIB)
    upload = Upload(alice, data)
    with upload.begin_rest(7) as line:
        line.sendall(data[7:])
        refused, _headers, content = answer_on(line)
        line.sendall(b"GET /health/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        healthy, _headers, _content = answer_on(line)

    assert (refused, content["code"], healthy) == (409, "wrong_offset", 200)


def test_a_chunk_may_come_slowly(server, alice):
    data = os.urandom(MIB)
    upload = Upload(alice, data)
    with upload.begin_rest(0) as line:
        for start in range(0, MIB, 400_000):
            line.sendall(data[start : start + 400_000])
            time.sleep(1.2)
        status, headers, _content = answer_on(line)

    assert (status, headers["Upload-Offset"]) == (204, str(MIB))
    assert_is_whole(server, alice, data)


@pytest.mark.parametrize("is_reset", [False, True], ids=["left", "reset"])
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_who_leaves_leaves_nothing_open(server, alice, method, is_reset):
    def count():
        pids = (server.popen.pid, server.upload_pid())
        files = [file for pid in pids for file in Path(f"/proc/{pid}/fd").iterdir()]
        found = 0
        for file in files:
            with contextlib.suppress(FileNotFoundError):  # closed meanwhile
                found += "socket" in str(file.readlink())
        return found

    assert Upload(alice, b"x").send_rest(0).status == 204  # both processes are there

    fields = (
        f"Host: localhost\r\nContent-Type: {CHUNK_TYPE}\r\nTus-Resumable: 1.0.0\r\n"
    )
    fields += f"Upload-Offset: 0\r\nUpload-Length: {2 * MIB}\r\n"
    if method == "POST":
        fields = fields.replace("Upload-Offset: 0\r\n", "")
    head = f"{method} /rooms/x/uploads/ HTTP/1.1\r\n{fields}Content-Length: {2 * MIB}"
    before = count()
    for _time in range(10):
        with socket.create_connection(("127.0.0.1", server.port)) as line:
            line.sendall(head.encode() + b"\r\n\r\n" + bytes(100_000))
            time.sleep(0.02)
            if is_reset:
                line.setsockopt(1, 13, struct.pack("ii", 1, 0))  # SO_LINGER

    until(lambda: count() <= before)


def test_a_form_at_that_address_is_no_file(server, alice):
    headers = headers_of(alice) | {"Upload-Length": "5", "Upload-Metadata": ""}
    headers["Content-Type"] = "multipart/form-data; boundary=x"
    line = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
    body = line.encode() + bytes(100_000) + b"\r\n--x--\r\n"
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("POST", f"{alice.page_path}uploads/", body, headers)

    assert connection.getresponse().status == 201
    assert "Traceback" not in server.log.read_text()


def test_requests_may_follow_without_waiting(server, alice):
    data = os.urandom(3 * MIB)
    upload = Upload(alice, data)
    with upload.begin_rest(0) as line:
        line.sendall(data + b"GET /health/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        line.settimeout(10)
        file = line.makefile("rb")
        answer = file.readline()
        while file.readline() != b"\r\n":
            pass
        following = file.readline()

    assert (answer.split()[1], following.split()[1]) == (b"204", b"200")
    assert_is_whole(server, alice, data)


@pytest.mark.parametrize("wanted", ["websocket", "h2c"])
def test_a_wish_for_another_protocol_changes_nothing(server, alice, wanted):
    data = os.urandom(5 * MIB)
    upload = Upload(alice, data)
    upload.headers |= {"Upgrade": wanted, "Connection": "upgrade"}

    answer = upload.send_rest(0)

    assert (answer.status, answer.headers["Upload-Offset"]) == (204, str(len(data)))
    assert_is_whole(server, alice, data)


def test_a_making_that_is_cut_posts_nothing(server, alice):
    fields = headers_of(alice) | {"Host": f"127.0.0.1:{server.port}"}
    fields |= {"Upload-Length": str(8 * MIB), "Content-Length": str(8 * MIB)}
    fields |= {"Content-Type": CHUNK_TYPE}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    head = f"POST {alice.page_path}uploads/ HTTP/1.1\r\n{lines}\r\n".encode()
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as line:
        line.sendall(head + bytes(100_000))
    time.sleep(1.5)

    assert rows_of(server) == []
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as line:
        line.sendall(head + bytes(8 * MIB))
        status, headers, _content = answer_on(line)
    assert (status, headers["Upload-Offset"]) == (201, str(8 * MIB))
    assert_is_whole(server, alice, bytes(8 * MIB))


@pytest.mark.nginx
@pytest.mark.redis
@pytest.mark.postgresql
@pytest.mark.xdist_group("postgresql")
def test_behind_nginx_it_is_stored_while_it_comes(behind_nginx):
    nginx, servers = behind_nginx.nginx, behind_nginx.servers
    alice = Person(nginx.url, "Alice").join("1001")
    data = os.urandom(9 * MIB)
    upload = Upload(alice, data)
    with upload.begin_rest(0) as line:
        line.sendall(data[: 5 * MIB])
        until(lambda: upload.offset() > 3 * MIB)
        for server in servers:
            server.kill()
    for server in servers:
        server.start()

    offset = upload.offset()
    assert offset > 3 * MIB
    assert upload.send_rest(offset).status == 204
    assert_is_whole(servers[0], alice, data)
