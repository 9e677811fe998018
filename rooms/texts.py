"""What text people may type: canonical forms of names, room numbers, message bodies
and file names. Pure functions; nothing here knows the database."""

import re
import secrets
import unicodedata
from pathlib import PurePosixPath

from rooms.limits import (
    BODY_CHARACTERS,
    FILE_NAME_CHARACTERS,
    MADE_NUMBER_DIGITS,
    MARKS_IN_A_ROW,
    NAME_KEY_CHARACTERS,
)

ZERO_WIDTH_JOINER = "\u200d"  # holds emoji families together
UNREADABLE = {"Cc", "Cs", "Co", "Cn"}
NAME_SEPARATORS = re.compile(r"[\s\u2028\u2029]+")
NUMBER_PUNCTUATION = re.compile(r"[\s\-‐-―.]+")
MARK_CATEGORIES = {"Mn", "Me"}

# Letters that look like others, after casefolding: the everyday part of Unicode TR 39.
LOOKALIKES = str.maketrans(
    {
        **dict(zip("аеорсухіјѕԁһԛԝьҽкмтвнгп", "aeopcyxijsdhqwbekmtbhrn", strict=True)),
        **dict(zip("αβγεικνορτυχωηµμ", "abyeiknoptuxwnuu", strict=True)),
        **dict(zip("01|ıłøđħŧɑɡ", "oiiilodhtag", strict=True)),
    }
)


def clean_name(text):
    """Return the name as it is shown: NFC, invisible characters gone, spaces single."""
    text = NAME_SEPARATORS.sub(" ", unicodedata.normalize("NFC", text))
    return "".join(c for c in text if not is_invisible(c)).strip(" \u200d")


def is_invisible(character):
    return (
        unicodedata.category(character) == "Cf" and character != ZERO_WIDTH_JOINER
    ) or character in "\u115f\u1160\u3164\uffa0\u034f\u2800"


def is_readable_name(name):
    """Whether a cleaned name has something to see, no controls and no mark towers."""
    marks = 0
    for character in name:
        if unicodedata.category(character) in UNREADABLE:
            return False
        marks = marks + 1 if unicodedata.category(character) in MARK_CATEGORIES else 0
        if marks > MARKS_IN_A_ROW:
            return False
    return any(unicodedata.category(c)[0] in "LNSP" for c in name)


def name_key(name):
    """Return the key under which a name is unique in a room.

    Equal for names that differ by case, width, accents drawn apart, invisible
    characters, spaces, or common look-alike letters.
    """
    text = unicodedata.normalize("NFKD", clean_name(name)).casefold()
    text = unicodedata.normalize("NFKD", text).translate(LOOKALIKES)
    kept = (c for c in text if unicodedata.category(c)[0] not in "ZCM")
    return ("".join(kept).replace("l", "i") or text)[:NAME_KEY_CHARACTERS]


def clean_number(text):
    """Return the room number in its one canonical form: ASCII digits, or None.

    Full-width and other decimal digits become ASCII; spaces and dashes between groups
    are dropped; leading zeros count.
    """
    text = NUMBER_PUNCTUATION.sub("", unicodedata.normalize("NFKC", text))
    if not text or not all(c.isdecimal() for c in text):
        return None
    return "".join(str(unicodedata.decimal(c)) for c in text)


def make_number():
    """Return a new random room number that nobody guesses."""
    first = str(secrets.randbelow(9) + 1)
    rest = (str(secrets.randbelow(10)) for _ in range(MADE_NUMBER_DIGITS - 1))
    return first + "".join(rest)


def clean_body(text):
    """Return the body as it is stored: \\n line ends, no blank edges. Nothing else."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def is_blank(body):
    """Whether there is nothing to see."""
    return all(c.isspace() or is_invisible(c) for c in body)


def is_readable_body(body):
    """Whether the body can be stored and shown everywhere (no NUL, no halves)."""
    if body.isprintable():  # most are one line of letters
        return True
    for character in body:
        if character in "\n\t" or character.isprintable():
            continue
        point = ord(character)
        category = unicodedata.category(character)
        if category in {"Cc", "Cs"} or point & 0xFFFE == 0xFFFE:
            return False
    return True


def is_too_long(body):
    return len(body) > BODY_CHARACTERS


def clean_file_name(text):
    """Return a file name that is safe to show and to offer: one component, no controls,
    at most FILE_NAME_CHARACTERS, with its ending kept."""
    text = unicodedata.normalize("NFC", text).replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(
        c for c in text if unicodedata.category(c)[0] != "C" and not is_invisible(c)
    ).strip()
    if not kept.strip("."):
        return "file"
    ending = PurePosixPath(kept).suffix[:20]
    stem = kept[: len(kept) - len(ending)] if ending else kept
    return stem[: FILE_NAME_CHARACTERS - len(ending)] + ending
