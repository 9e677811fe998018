"""Several server processes share one port."""

import os
import signal
from pathlib import Path

import pytest

from tests.live.person import Person
from tests.live.processes import answers, wait_until
from tests.live.test_start import start

pytestmark = [pytest.mark.live, pytest.mark.redis]
COUNT = 3


@pytest.fixture
def server(make_server, redis):
    server = make_server(PROCESSES=COUNT, REDIS_URL=redis.url)
    wait_until(lambda: len(listeners(server)) == COUNT, 30)
    return server


def listeners(server):
    """The process ids of those that serve."""
    path = Path(f"/proc/{server.popen.pid}/task/{server.popen.pid}/children")
    return [int(pid) for pid in path.read_text().split()] if path.exists() else []


def is_running(pid):
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        )
    except OSError:
        return False


def enter(server, count):
    """So many people with open sockets, spread over the processes by the kernel."""
    people = [Person(server.url, f"Person {n}").join("1001") for n in range(count)]
    return [person.connect() for person in people]


def test_they_are_one_chat(server):
    people = enter(server, 8)

    people[0].post("Hello from one of them")

    for person in people:
        person.hear_body("Hello from one of them")


def test_one_that_is_killed_is_replaced(server):
    people = enter(server, 8)
    victim = listeners(server)[0]

    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: victim not in listeners(server), 30)
    wait_until(lambda: len(listeners(server)) == COUNT, 30)
    for person in people:
        person.socket.close()
        person.connect()
    people[0].post("Still there?")

    for person in people:
        person.hear_body("Still there?")


def test_a_stop_is_told_to_everybody(server):
    people, pids = enter(server, 8), listeners(server)

    server.popen.terminate()

    assert {person.close_code() for person in people} == {1012}
    server.popen.wait(20)
    assert not any(is_running(pid) for pid in pids)
    assert not answers(server.port)


def test_nobody_serves_when_nobody_watches(server):
    pids = listeners(server)

    server.kill()

    wait_until(lambda: not any(is_running(pid) for pid in pids), 20)
    assert not answers(server.port)


def test_a_taken_port_is_named(server, redis):
    output = start(
        DATA_DIR=server.environment["DATA_DIR"],
        PORT=server.port,
        PROCESSES=COUNT,
        REDIS_URL=redis.url,
    )

    assert output.startswith("Chatsite cannot start: ")
    assert f"PORT={server.port}" in output
