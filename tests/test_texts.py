"""What people may type (alice, bob and charlie are names like any other here)."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms import texts
from rooms.limits import (
    BODY_CHARACTERS,
    FILE_NAME_CHARACTERS,
    MADE_NUMBER_DIGITS,
    NAME_CHARACTERS,
    NUMBER_DIGITS,
)
from rooms.models import Membership

any_text = st.text(st.characters(), max_size=60)
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=NAME_CHARACTERS)


# Names


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Alice", "Alice"),
        ("  Bob  \t von\n Trapp ", "Bob von Trapp"),
        ("Cha\u0301rlie", "Chárlie"),
        ("A\u200bli\u00adce\ufeff", "Alice"),
        ("\u202eecilA\u202c", "ecilA"),
        ("\u2066Bob\u2069", "Bob"),
        ("Bob\u2028Two", "Bob Two"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("\u200d", ""),
        ("\u3164\u115f", ""),
    ],
    ids=ascii,
)
def test_a_name_is_shown_clean(typed, shown):
    assert texts.clean_name(typed) == shown


@pytest.mark.parametrize(
    "name", ["Alice", "Bób", "李小龍", "علي", "👩\u200d🚀", "4", "?!"]
)
def test_names_that_can_be_read(name):
    assert texts.is_readable_name(name) is True


@pytest.mark.parametrize(
    "name",
    [
        "",
        "\u0301",
        "B\x00b",
        "B\x1bb",
        "\ud800",
        "\ufffe",
        "\ue000",
        "Z" + "\u0301" * 9,
    ],
    ids=ascii,
)
def test_names_that_cannot_be_read(name):
    assert texts.is_readable_name(name) is False


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Alice", "ALICE"),
        ("Alice", "Ａｌｉｃｅ"),
        ("Alice", "Аlісе"),  # А, і, с, е of Cyrillic
        ("Bob", "B o b"),
        ("Bob", "B\u2060ob"),
        ("Bob", "B0b"),
        ("Bill", "BiII"),
        ("Bill", "Bi1l"),
        ("Straße", "STRASSE"),
        ("ﬁn", "fin"),
        ("Cha\u0301rlie", "Chárlie"),
        ("Ⅳ", "IV"),
        ("İbo", "ibo"),
        ("Οscar", "Oscar"),  # Greek omicron
    ],
)
def test_names_that_look_the_same_have_one_key(first, second):
    assert texts.name_key(first) == texts.name_key(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [("Alice", "Bob"), ("Bob", "Bob 2"), ("李", "王"), ("👩", "👨"), ("?", "!")],
)
def test_names_that_look_different_have_two_keys(first, second):
    assert texts.name_key(first) != texts.name_key(second)


@given(names)
def test_a_clean_name_stays_as_it_is(name):
    clean = texts.clean_name(name)

    assert texts.clean_name(clean) == clean
    assert texts.name_key(clean) == texts.name_key(name)


@given(names)
def test_a_key_is_never_empty_and_always_fits(name):
    key = texts.name_key(name)

    assert bool(key) == bool(texts.clean_name(name))
    assert len(key) <= Membership._meta.get_field("name_key").max_length


def test_the_longest_key_fits():
    widest = max(map(chr, range(0x20000)), key=lambda c: len(texts.name_key(c)))

    key = texts.name_key(widest * NAME_CHARACTERS)

    assert len(key) <= Membership._meta.get_field("name_key").max_length


# Room numbers


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("123", "123"),
        (" 123\n", "123"),
        ("１２３", "123"),
        ("١٢٣", "123"),
        ("१२३", "123"),
        ("𝟙𝟚𝟛", "123"),
        ("0123", "0123"),
        ("12-34 56.78", "12345678"),
        ("12‐34–56—78", "12345678"),
        ("1\u00a02\u20093", "123"),
        ("0", "0"),
        ("9" * 5000, "9" * 5000),
    ],
    ids=lambda text: ascii(text)[:20],
)
def test_a_number_has_one_form(typed, number):
    assert texts.clean_number(typed) == number


@pytest.mark.parametrize(
    "typed",
    ["", " ", "-", "12a", "1\x002", "+1", "1e3", "½", "Ⅳ", "1,5", "\u200b", "12\u202e"],
    ids=ascii,
)
def test_what_is_no_number(typed):
    assert texts.clean_number(typed) is None


@given(any_text)
def test_a_number_is_ascii_digits_for_ever(typed):
    number = texts.clean_number(typed)

    assert number is None or (number.isascii() and number.isdigit())
    assert number is None or texts.clean_number(number) == number


def test_made_numbers_are_long_and_differ():
    made = {texts.make_number() for _ in range(200)}

    assert len(made) == 200
    assert {len(number) for number in made} == {MADE_NUMBER_DIGITS}
    assert all(texts.clean_number(number) == number for number in made)
    assert 12 <= MADE_NUMBER_DIGITS <= NUMBER_DIGITS


# Bodies


@pytest.mark.parametrize(
    "body",
    ["a\tb\nc", "é", "e\u0301", "👨\u200d👩", "\u202e", "\u00a0", "\ue000", "\u0378"],
)
def test_bodies_that_can_be_shown(body):
    assert texts.is_readable_body(body) is True


@pytest.mark.parametrize(
    "body",
    [
        "\x00",
        "\x07",
        "\x7f",
        "\x85",
        "\ud83d",
        "\udc00",
        "\ufffe",
        "\uffff",
        "\U0010ffff",
    ],
    ids=ascii,
)
def test_bodies_that_cannot_be_shown(body):
    assert texts.is_readable_body(f"a{body}b") is False


@given(any_text)
def test_a_readable_body_can_be_stored_and_sent(body):
    if texts.is_readable_body(body):
        assert body.encode().decode() == body
        assert body.count("\x00") == 0


@given(any_text)
def test_a_clean_body_stays_as_it_is(body):
    clean = texts.clean_body(body)

    assert texts.clean_body(clean) == clean
    assert clean.count("\r") == 0


def test_length_is_counted_in_characters():
    assert texts.is_too_long("😀" * BODY_CHARACTERS) is False
    assert texts.is_too_long("😀" * BODY_CHARACTERS + "x") is True


# File names


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("plan.pdf", "plan.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/abs/olute.txt", "olute.txt"),
        ("C:\\x.txt", "x.txt"),
        (".htaccess", ".htaccess"),
        ("a\x00.png", "a.png"),
        ("a\r\nb.txt", "ab.txt"),
        ("gpj.\u202eexe", "gpj.exe"),
        ("", "file"),
        (".", "file"),
        ("..", "file"),
        ("a/", "file"),
        ("%2e%2e%2fx", "%2e%2e%2fx"),
        ("🎉.png", "🎉.png"),
        ("re\u0301sume\u0301.pdf", "résumé.pdf"),
        ("\ud800.txt", ".txt"),
    ],
    ids=ascii,
)
def test_a_file_name_is_one_plain_component(sent, name):
    assert texts.clean_file_name(sent) == name


def test_a_long_file_name_keeps_its_ending():
    name = texts.clean_file_name("x" * 300 + ".tar.gz")

    assert (len(name), name[-3:]) == (FILE_NAME_CHARACTERS, ".gz")


@given(any_text | st.text("./\\\x00 \u202ea", max_size=400))
def test_any_file_name_is_safe(sent):
    name = texts.clean_file_name(sent)

    assert 1 <= len(name) <= FILE_NAME_CHARACTERS
    assert {"/", "\\", "\x00", "\n", "\r"}.isdisjoint(name)
    assert name not in {".", ".."}
    assert all(unicodedata.category(c) != "Cs" for c in name)
    assert texts.clean_file_name(name) == name
