"""How long our browser code waits, read from it: the driver cannot drift away."""

import re

from tests.live.processes import PROJECT


def constant(name, path):
    source = (PROJECT / "static/js" / path).read_text()
    return re.search(rf"^const {name} = (.+?);", source, re.MULTILINE)[1]


def seconds(name, path):
    return int(constant(name, path)) / 1000


FIRST_PAUSE = seconds("FIRST_PAUSE", "lib/socket.js")
LONGEST_PAUSE = seconds("LONGEST_PAUSE", "lib/socket.js")
SILENCE = seconds("SILENCE", "lib/socket.js")
PROVEN = seconds("PROVEN", "lib/socket.js")
ANSWER_WITHIN = seconds("ANSWER_WITHIN", "models/delivery.js")
FINAL_CODES = {
    int(code) for code in re.findall(r"\d+", constant("FINAL_CODES", "lib/socket.js"))
}


def pause(attempts, dice):
    """Return how long to stay away after so many attempts that proved nothing."""
    most = min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempts)
    return FIRST_PAUSE / 5 + dice.random() * most
