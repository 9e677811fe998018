import pytest
from django.test import Client

from tests.pages import attribute, text_of


def language_of(response):
    return attribute(text_of(response), "lang")


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("id", "id"),
        ("id-ID,id;q=0.9,en;q=0.8", "id"),
        ("en-GB", "en"),
        ("en;q=0.5,id;q=0.9", "id"),
        ("ja,fr;q=0.9", "en"),
        ("", "en"),
        ("*", "en"),
        ("x" * 5000, "en"),
    ],
    ids=lambda text: text[:12],
)
def test_the_browsers_language_is_spoken(db, accepted, language):
    client = Client(headers={"accept-language": accepted})

    assert language_of(client.get("/")) == language


def test_the_choice_is_remembered(bob_client, lounge):
    chosen = bob_client.post("/language/setlang/", {"language": "id", "next": "/"})

    cookie = chosen.cookies["django_language"]
    assert (cookie["max-age"], cookie["samesite"]) == (365 * 24 * 60 * 60, "Lax")
    assert language_of(bob_client.get("/")) == "id"
    page = text_of(bob_client.get(f"/rooms/{lounge.public_id}/"))
    assert attribute(page, "data-socket-path")[-11:] == "language=id"


def test_the_choice_leads_back(bob_client, alice_client, charlie_client, lounge):
    path = f"/rooms/{lounge.public_id}/"

    chosen = bob_client.post("/language/setlang/", {"language": "en", "next": path})

    assert (chosen.status_code, chosen["Location"]) == (302, path)


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example/", "\\\\e"])
def test_the_choice_leads_nowhere_else(db, stranger_client, path):
    choice = {"language": "id", "next": path}

    chosen = stranger_client.post("/language/setlang/", choice)

    assert chosen["Location"] == "/"


@pytest.mark.parametrize("language", ["", "xx", "../id", "en\r\nX: y"], ids=ascii)
def test_a_language_that_is_none_changes_nothing(db, stranger_client, language):
    chosen = stranger_client.post("/language/setlang/", {"language": language})

    assert chosen.cookies == {}


def test_looking_at_the_switch_changes_nothing(db, stranger_client):
    chosen = stranger_client.get("/language/setlang/?language=id")

    assert chosen.cookies == {}


def test_refusals_speak_indonesian(alice):
    client = Client(headers={"accept-language": "id"})

    english = text_of(Client().post("/", {"name": "", "number": "x"}))
    indonesian = text_of(client.post("/", {"name": "", "number": "x"}))

    assert english.count("A room number is made of 1 to 32 digits") == 1
    assert indonesian.count("A room number is made of") == 0
