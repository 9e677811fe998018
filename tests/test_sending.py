import socket

import pytest

from chatsite.daphne.sending import send_to_all


def send(descriptor, data):
    (count,) = send_to_all([descriptor], data)
    return count


@pytest.fixture
def ends():
    ends = socket.socketpair()
    ends[0].setblocking(False)
    yield ends
    for end in ends:
        end.close()


def test_what_was_taken_arrives(ends):
    ours, theirs = ends

    assert send(ours.fileno(), b"a\x00b") == 3

    assert theirs.recv(10) == b"a\x00b"


def test_a_full_buffer_takes_a_part_and_then_nothing(ends):
    ours, theirs = ends

    first = send(ours.fileno(), b"x" * 10_000_000)

    assert 0 < first < 10_000_000
    assert send(ours.fileno(), b"x") < 0
    assert len(theirs.recv(1000)) == 1000


def test_a_broken_connection_takes_nothing_and_gives_no_signal(ends):
    ours, theirs = ends
    theirs.close()

    assert send(ours.fileno(), b"x") < 0


def test_after_the_end_of_a_connection_nothing_is_taken(ends):
    descriptor = ends[0].fileno()
    ends[0].close()

    assert send(descriptor, b"x") < 0


def test_one_that_takes_nothing_stops_no_other():
    pairs = [socket.socketpair() for _ in range(3)]
    pairs[1][1].close()
    descriptors = [ours.fileno() for ours, _theirs in pairs]

    counts = send_to_all(descriptors, b"abc")

    assert [counts[0], counts[2]] == [3, 3]
    assert counts[1] < 0
    assert [pairs[0][1].recv(9), pairs[2][1].recv(9)] == [b"abc", b"abc"]
    for pair in pairs:
        for end in pair:
            end.close()
