"""The ledger turns red for each thing it exists to see."""

import pytest

from tests.faults.ledger import CLEAN, Ledger

ROOM = "lounge"


@pytest.fixture
def ledger():
    """Alice and Bob in one room; Alice wrote three messages, all seen by both."""
    ledger = Ledger()
    for reader in ("alice", "bob"):
        view = ledger.open_view(reader, ROOM)
        for position, client_id in enumerate(["a", "b", "c"], 1):
            view.hear(position)
            view.show(position, client_id, is_live=True)
    for client_id in ("a", "b", "c"):
        ledger.write("alice", client_id)
        ledger.acknowledge(client_id)
    return ledger


def judge(ledger, *stored):
    return ledger.verdict({ROOM: list(stored)})


def test_all_is_well(ledger):
    assert judge(ledger, "a", "b", "c") == CLEAN


def test_acknowledged_and_not_stored_is_lost(ledger):
    ledger.write("alice", "d")
    ledger.acknowledge("d")

    lost = [("d", "acknowledged, not stored")]
    assert judge(ledger, "a", "b", "c") == CLEAN._replace(lost=lost)


def test_stored_and_not_seen_by_one_is_lost(ledger):
    ledger.views["alice"].show(4, "d")

    found = judge(ledger, "a", "b", "c", "d")

    assert found == CLEAN._replace(lost=[("d", "bob")])


def test_seen_and_not_stored_is_lost(ledger):
    found = judge(ledger, "a", "b")

    assert set(found.lost) == {
        ("c", "alice, not stored"),
        ("c", "bob, not stored"),
        ("c", "acknowledged, not stored"),
    }


def test_seen_twice_is_doubled(ledger):
    ledger.views["bob"].show(4, "a", is_live=True)

    assert judge(ledger, "a", "b", "c").doubled == [("a", "bob")]


def test_stored_twice_is_doubled(ledger):
    assert judge(ledger, "a", "b", "c", "a").doubled == [("a", "stored in lounge")]


def test_another_order_than_stored_is_seen_everywhere(ledger):
    disordered = [("b", "alice"), ("c", "alice"), ("b", "bob"), ("c", "bob")]

    assert judge(ledger, "a", "c", "b") == CLEAN._replace(disordered=disordered)


def test_what_comes_live_before_what_is_shown_is_disordered(ledger):
    ledger.views["bob"].show(6, "f", is_live=True)
    ledger.views["bob"].show(5, "e", is_live=True)

    assert ("e", "bob") in judge(ledger, "a", "b", "c", "e", "f").disordered


def test_a_place_that_changes_hands_is_disordered(ledger):
    ledger.views["bob"].show(2, "x")

    assert ("x", "bob") in judge(ledger, "a", "b", "c").disordered


def test_anything_told_after_the_end_of_a_membership_is_leaked(ledger):
    ledger.revoke("bob", change=3)

    assert judge(ledger, "a", "b", "c") == CLEAN._replace(leaked=[(3, "bob")])


def test_who_was_removed_need_not_see_what_came_later(ledger):
    ledger.revoke("bob", change=4)
    ledger.views["alice"].show(5, "d", is_live=True)

    assert judge(ledger, "a", "b", "c", "d") == CLEAN


def test_who_was_removed_must_still_have_seen_one_order(ledger):
    ledger.revoke("bob", change=4)
    ledger.views["bob"].show(0, "c")

    assert judge(ledger, "a", "b", "c").doubled == [("c", "bob")]


def test_written_and_never_acknowledged_is_stuck(ledger):
    ledger.write("alice", "d")
    ledger.write("alice", "e")
    ledger.refuse("e", "server_error")

    stuck = [("d", "alice"), ("e", "server_error")]
    assert judge(ledger, "a", "b", "c") == CLEAN._replace(stuck=stuck)


def test_no_answer_is_owed_to_who_was_removed(ledger):
    ledger.write("bob", "d")
    ledger.revoke("bob", change=4)

    assert judge(ledger, "a", "b", "c") == CLEAN
