"""LiveRoom.take: batches come in any order, and leave in the order of changes."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.live.frames import Batch, Event
from rooms.live.room import LiveRoom


def batch(first, last=None):
    last = last or first
    events = [Event(n, {"en": f'{{"change":{n}}}'}) for n in range(first, last + 1)]
    return Batch(first, last, events)


def spans(batches):
    return [(ready.first, ready.last) for ready in batches]


def test_the_next_one_is_ready():
    room = LiveRoom.unopened(1, 10)

    assert spans(room.take(batch(11))) == [(11, 11)]
    assert room.last == 11


def test_one_beyond_a_hole_waits():
    room = LiveRoom.unopened(1, 10)

    assert spans(room.take(batch(12))) == []
    assert (room.last, list(room.waiting)) == (10, [12])
    assert spans(room.take(batch(11))) == [(11, 11), (12, 12)]
    assert (room.last, room.waiting) == (12, {})


def test_what_is_known_is_dropped():
    room = LiveRoom.unopened(1, 10)
    room.take(batch(11, 13))

    assert spans(room.take(batch(11))) == []
    assert spans(room.take(batch(12, 13))) == []
    assert (room.last, room.waiting) == (13, {})


def test_a_longer_one_that_overlaps_goes_on():
    room = LiveRoom.unopened(1, 10)
    room.take(batch(11, 12))

    assert spans(room.take(batch(11, 14))) == [(13, 14)]
    assert room.last == 14


def test_what_waited_in_vain_is_forgotten():
    room = LiveRoom.unopened(1, 10)
    room.take(batch(12))
    room.take(batch(14))

    assert spans(room.take(batch(11, 20))) == [(11, 20)]
    assert room.waiting == {}


def test_a_short_one_does_not_replace_a_long_one():
    room = LiveRoom.unopened(1, 10)
    room.take(batch(12, 15))
    room.take(batch(12))

    room.take(batch(11))

    assert room.last == 15


@pytest.mark.parametrize("order", list(permutations(range(11, 15))), ids=str)
def test_every_order_ends_the_same(order):
    room = LiveRoom.unopened(1, 10)

    ready = [span for first in order for span in spans(room.take(batch(first)))]

    assert ready == [(11, 11), (12, 12), (13, 13), (14, 14)]


@given(st.lists(st.tuples(st.integers(1, 12), st.integers(0, 4)), max_size=30))
def test_nothing_is_skipped_and_nothing_goes_back(arrivals):
    room, last = LiveRoom.unopened(1, 0), 0

    for first, more in arrivals:
        for ready in room.take(batch(first, first + more)):
            assert ready.first <= last + 1
            assert ready.last > last
            last = ready.last

    covered = {n for first, more in arrivals for n in range(first, first + more + 1)}
    reachable = next(n for n in range(1, 99) if n not in covered) - 1
    assert room.last == last == reachable
    assert all(first > last + 1 for first in room.waiting)


@given(st.integers(1, 9), st.integers(0, 5))
def test_the_layers_encoding_loses_nothing(first, more):
    sent = batch(first, first + more)

    assert Batch.from_layer(sent.to_layer()) == sent


def test_closes_travel_over_the_layer():
    sent = Batch(1, 1, [Event(1, {"en": "{}", "id": "{}"}, {7: 4403})])

    assert Batch.from_layer(sent.to_layer()) == sent
