"""How long a room's page takes to open, with a thousand and with a million messages in
it. Cost must not grow with history."""

import http.client
import sqlite3
import time

from bench.peers import Ours
from bench.scenarios import Shape
from bench.services import SQLITE

NAME = "opening"  # among the shapes
SIZES = (1_000, 1_000_000)
ROUNDS, QUICK_ROUNDS = 400, 60
WARM = 20
SECONDS = 30
FILL = """
WITH RECURSIVE numbers(n) AS
  (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
INSERT INTO rooms_message (room_id, author_id, author_name, client_id, notice, body,
  position, change, posted_at)
SELECT member.room_id, member.id, member.name, printf('%016x%016x', member.id, n), '',
  'This is message number ' || n || ', as long as people write.', n, n,
  '2026-01-01 12:00:00' FROM numbers, rooms_membership AS member
  WHERE member.room_id = ?
"""
FIND_ROOM = "SELECT id FROM rooms_room WHERE public_id = ?"
COUNT = "UPDATE rooms_roomcounter SET last_change = ? WHERE room_id = ?"


def measure_opening(services, rounds):
    """Return a row per size, with the seconds of each opening; the rooms take turns."""
    peer = Ours(services, SQLITE)
    peer.prepare({NAME: Shape(NAME, len(SIZES), 1, None)})
    members = peer.members[NAME]
    for size, (_place, public_id, *_rest) in zip(SIZES, members, strict=True):
        fill(peer.database.removeprefix("sqlite:///"), public_id, size)
    peer.start()
    try:
        took = [[] for _size in SIZES]
        for number in range(WARM + rounds):
            for seconds, member in zip(took, members, strict=True):
                second = open_room(peer.ports[0], *member)
                if number >= WARM:
                    seconds.append(second)
    finally:
        peer.stop()
    return [
        {"peer": peer.name, "shape": f"{size:,} messages", "round": 1}
        | {"verb": "open", "seconds": seconds}
        for size, seconds in zip(SIZES, took, strict=True)
    ]


def fill(path, public_id, size):
    with sqlite3.connect(path) as database:
        ((room_id,),) = database.execute(FIND_ROOM, [public_id]).fetchall()
        database.execute(FILL, [size, room_id])
        database.execute(COUNT, [size, room_id])
        database.execute("ANALYZE")
    database.close()


def open_room(port, _place, public_id, _epoch, session_key):
    """Return the seconds from asking for a room's page to its last byte."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    started = time.perf_counter()
    connection.request(
        "GET", f"/rooms/{public_id}/", headers={"Cookie": f"sessionid={session_key}"}
    )
    answer = connection.getresponse()
    page = answer.read()
    took = time.perf_counter() - started
    connection.close()
    assert answer.status == 200, answer.status
    assert page.count(b'class="message"') >= 50, "a page of history was expected"
    return took
