"""What the documents claim about the code is so."""

import re
from pathlib import Path

from chatsite.daphne import server
from rooms import consumers, events, exceptions
from rooms.consumers import room as room_consumer
from rooms.live import clock, socket

PROJECT = Path(__file__).parents[1]
PROTOCOL = (PROJECT / "docs/protocol.md").read_text()


def table(heading):
    """The first column of the first table under a heading, without backticks."""
    section = PROTOCOL.split(f" {heading}\n", 1)[1].split("\n#", 1)[0]
    rows = re.findall(r"^\| `?([^`|]+?)`? \|", section, re.MULTILINE)
    return [row for row in rows if row not in {"type", "code", "field", "---"}]


def test_the_protocol_names_every_event():
    events_of_code = {*events.TYPES.values(), events.DELETED}

    assert {row for row in table("Events") if "." in row} == events_of_code


def test_the_protocol_names_every_verb():
    assert set(table("From the browser")) == set(consumers.RoomConsumer.VERBS)


def test_the_protocol_names_every_refusal():
    refusals = exceptions.Refusal.__subclasses__()

    assert {*table("Refusal codes")} == {r.code for r in refusals} | {"server_error"}


def test_the_protocol_names_every_close_code():
    codes = {
        room_consumer.BAD_FRAMES,
        room_consumer.NOT_YOURS,
        room_consumer.TOO_MANY_SOCKETS,
        room_consumer.GOES_TOO_FAST,
        room_consumer.ASK_AGAIN,
        events.NOT_A_MEMBER,
        clock.GONE_SILENT,
        clock.SESSION_ENDED,
        socket.TOO_SLOW,
        1009,
        server.SERVICE_RESTART,
    }

    assert {int(row) for row in table("Close codes")} == codes


def test_the_example_environment_names_every_setting():
    source = (PROJECT / "chatsite/settings.py").read_text()
    source += (PROJECT / "chatsite/environment.py").read_text()
    source += (PROJECT / "rooms/checks.py").read_text()
    reads = re.findall(r'(?:read_bool|read_int|read_mib)\(\s*"(\w+)"', source)
    reads += re.findall(r'\bread\(\s*"\w+",\s*"(\w+)"', source)
    reads += re.findall(r'os\.environ\.get\("(\w+)"', source)
    example = (PROJECT / ".env.example").read_text()

    assert set(re.findall(r"^(\w+)=", example, re.MULTILINE)) == set(reads)
