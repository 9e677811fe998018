import logging

import pytest

from chatsite.logs import LINE_MAX, OneLineFormatter

NASTY = ["a\r\nb", "a\x1b[31mb", "a\u2028b", "a\u202eb", "a\x00b", "a\x85b", "a\ud800b"]


def line_of(message, *arguments):
    record = logging.LogRecord("name", 30, "path", 1, message, arguments, None)
    return OneLineFormatter("%(levelname)s: %(message)s").format(record)


@pytest.mark.parametrize("text", NASTY, ids=ascii)
def test_a_record_is_one_plain_line(text):
    line = line_of("%s said hello to Bob", text)

    assert line.isprintable()
    assert line.count("said hello to Bob") == 1
    assert line.encode()


@pytest.mark.parametrize("character", ["x", "\x00", "\u2028", "\U000e0001"], ids=ascii)
def test_a_record_is_bounded(character):
    assert len(line_of(character * 1_000_000)) <= LINE_MAX


def test_other_scripts_stay_readable():
    assert line_of("Zoë 李 🎉") == "WARNING: Zoë 李 🎉"
