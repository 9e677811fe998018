"""The room number is a shared secret: where it must never be."""

import logging

import pytest

from rooms.actions import join_room
from tests.conftest import client_of
from tests.pages import head_of_page, text_of

NUMBER = "730519264407"


@pytest.fixture
def dave(db):
    return join_room(NUMBER, "Dave", browser="b7e3f3d0-3c0e-4d0e-9f6e-5b8f5a1c2d3e")


def test_it_is_in_no_address(stranger_client, db):
    joined = stranger_client.post("/", {"name": "Dave", "number": NUMBER})
    page = text_of(stranger_client.get(joined["Location"]))

    assert joined["Location"].count(NUMBER) == 0
    assert page.count(f"{NUMBER}/") == page.count(f"={NUMBER}") == 0


def test_members_see_it_once_behind_a_fold(dave, charlie):
    room = dave.membership.room
    page = text_of(client_of(dave.membership).get(f"/rooms/{room.public_id}/"))

    before, after = page.split(NUMBER)
    assert before.count("<details") == before.count("</details>") + 1
    assert after.count("</details>") == after.count("<details") + 1
    assert head_of_page(page).count(NUMBER) == 0


@pytest.mark.parametrize("name", ["Dave", "", "x" * 41], ids=["taken", "none", "long"])
def test_a_refusal_does_not_say_it(dave, stranger_client, name):
    page = text_of(stranger_client.post("/", {"name": name, "number": NUMBER}))

    assert head_of_page(page).count(NUMBER) == 0
    assert page.count(NUMBER) == page.count(f'value="{NUMBER}"') == 1


def test_it_is_in_no_log(dave, alice, bob, stranger_client, caplog):
    with caplog.at_level(logging.DEBUG):
        stranger_client.post("/", {"name": "Erin", "number": NUMBER})
        stranger_client.post("/", {"name": "Dave", "number": NUMBER})
        for number in range(12):
            stranger_client.post("/", {"name": "Erin", "number": f"{NUMBER}{number}"})

    lines = [r.getMessage() for r in caplog.records if r.name != "django.db.backends"]
    assert len(lines) > 0
    assert "\n".join(lines).count(NUMBER) == 0


def test_it_is_in_no_session(dave, stranger_client):
    stranger_client.post("/", {"name": "Erin", "number": NUMBER})

    assert set(stranger_client.session.keys()) == {"browser", "name"}
    assert str(dict(stranger_client.session)).count(NUMBER) == 0


def test_events_do_not_carry_it(dave, announced):
    with announced() as heard:
        join_room(NUMBER, "Erin", browser="c7e3f3d0-3c0e-4d0e-9f6e-5b8f5a1c2d3e")

    assert len(heard) == 1
    assert str(heard).count(NUMBER) == 0
