"""Stops that are told, readers that are slow, posts in flight: on real processes."""

import json
import os
import signal
import socket
import threading
import time

import pytest

from tests.live.person import Person
from tests.live.processes import wait_until
from tests.live.test_memory import memory

pytestmark = pytest.mark.live
LONG = "\N{GRINNING FACE}" * 3900  # four bytes each


def test_a_stop_is_told_and_answers_what_was_handed_in(server, people):
    people.alice.connect()
    people.bob.connect()
    client_id = people.alice.post("last words")
    time.sleep(0.05)

    stopping = threading.Thread(target=server.stop)
    stopping.start()
    assert people.alice.close_code() == 1012
    assert people.bob.close_code() == 1012
    stopping.join()
    server.start()

    assert people.alice.bodies() == people.bob.bodies() == ["last words"]
    people.alice.connect()
    people.alice.post("last words", client_id)
    assert people.alice.hear("state")["events"][0]["client_id"] == client_id


def test_a_server_that_stops_takes_in_nobody_else(server, people):
    answer = people.alice.post_form("", files=[("big.bin", bytes(64 * 1024 * 1024))])
    path = answer.json()["events"][0]["html"].split('href="')[1].split('"')[0]

    with people.alice.get(path, stream=True):  # and not read: the stop waits for it
        server.signal(signal.SIGTERM)
        time.sleep(1)
        assert server.popen.poll() is None
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", server.port), timeout=1)
    server.popen.wait(15)


def test_a_reader_who_does_not_read_makes_nobody_wait(server, people):
    idle = slow_reader(server, people.charlie, number="1001")
    talkers = [Person(server.url, f"Talker {n}").join("1001") for n in range(8)]
    people.alice.connect()
    people.bob.connect()
    before = memory(server, "VmRSS")

    for number in range(10):
        for person in talkers:
            person.post_form(f"{number} " + LONG)
        sent_at = time.monotonic()
        people.alice.post(f"last of {number}")
        people.bob.hear_body(f"last of {number}")
        people.alice.hear_body(f"last of {number}")
        assert time.monotonic() - sent_at < 3
    grown = memory(server, "VmRSS") - before
    wait_until(lambda: is_closed_by_server(idle), 25)

    assert grown < 40
    people.bob.connect()
    people.bob.post("still here")
    people.bob.hear_body("still here")
    idle.close()


def slow_reader(server, person, number):
    """A member whose socket resumes, and then never reads again."""
    person.join(number)
    cookies = "; ".join(f"{c.name}={c.value}" for c in person.http.cookies)
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.connect(("127.0.0.1", server.port))
    reader.sendall(
        f"GET {person.page_path}socket/?language=en HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{server.port}\r\nOrigin: {server.url}\r\n"
        f"Cookie: {cookies}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    answer = reader.recv(4096)
    assert answer.startswith(b"HTTP/1.1 101"), answer
    resume = {"type": "resume", "change": person.change, "epoch": person.epoch}
    reader.sendall(masked(json.dumps(resume).encode()))
    return reader


def masked(payload):
    mask = os.urandom(4)
    body = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
    return bytes([0x81, 0x80 | len(payload)]) + mask + body


def is_closed_by_server(connection):
    """Whether the server's end is gone: only the kernel can tell who does not read."""
    connection.setblocking(False)
    try:
        connection.send(b"")
        state = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
    except OSError:
        return True
    return state != 1  # TCP_ESTABLISHED


def test_a_thousand_words_from_many_arrive_once_each(server):
    people = [Person(server.url, f"Person {n}").join("1001") for n in range(8)]
    for person in people:
        person.connect()
    threads = [threading.Thread(target=write, args=[person]) for person in people]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for person in people:
        while len(person.bodies()) < 8 * 25:
            person.listen(20)

    assert len(set(people[0].bodies())) == 8 * 25
    assert all(person.bodies() == people[0].bodies() for person in people)


def write(person):
    """Post 25 messages, each after the last one was answered, minding "too fast"."""
    for number in range(25):
        text = f"{person.name} says {number}"
        client_id = person.post(text)
        while not any(text + "<" in e["html"] for e in person.seen.values()):
            frame = person.listen(20)
            if frame["type"] == "refused":
                time.sleep(frame["retry_after"])
                person.post(text, client_id)
