"""The tabs of one person share an outbox: one of them sends, all of them see."""

import time

import pytest

from tests.browser.conftest import OPEN_SOCKET, say, stripped, wait_for_text
from tests.browser.lines import Line, cut, failed, pending, reload_with, stored

pytestmark = [pytest.mark.live, pytest.mark.browser]
NO_LOCKS = "Object.defineProperty(Navigator.prototype, 'locks', {value: undefined});"


def other_tab(page):
    tab = page.context.new_page()
    tab.goto(page.url)
    tab.wait_for_selector(OPEN_SOCKET)
    return tab


@pytest.mark.parametrize("script", ["", NO_LOCKS], ids=["locks", "no locks"])
def test_two_tabs_send_in_the_order_of_writing(alice, bob, script):
    reload_with(alice, script).wait_for_selector(OPEN_SOCKET)
    second = other_tab(alice)
    cut(alice, second)
    written = [f"number {n}" for n in range(1, 7)]
    for at, text in enumerate(written):
        say((alice, second)[at % 2], text)
    assert pending(alice) == pending(second) == written

    alice.line.mend()
    for page in (alice, second, bob):
        wait_for_text(page, written[-1])

    assert stripped(alice) == stripped(second) == stripped(bob) == written
    assert pending(alice) == pending(second) == stored(alice) == []


def test_a_refusal_is_seen_and_settled_in_both_tabs(alice, bob):
    second = other_tab(alice)
    say(alice, "bad \u0007 bell")
    failed(second).wait_for()
    assert "characters that cannot be shown" in failed(second).inner_text()

    failed(second).get_by_role("button", name="Retry").click()
    failed(alice).wait_for()
    assert len(set(alice.line.posted)) == 1
    failed(second).get_by_role("button", name="Discard").click()
    failed(alice).wait_for(state="detached")

    assert failed(second).count() == 0
    assert stored(alice) == []
    say(second, "good")
    wait_for_text(alice, "good")
    assert stripped(alice) == stripped(bob) == ["good"]


def test_another_tab_takes_over_when_the_sending_one_closes(alice, bob):
    second = alice.context.new_page()
    second.line = Line(second)
    second.goto(alice.url)
    second.wait_for_selector(OPEN_SOCKET)
    say(alice, "zero")
    wait_for_text(second, "zero")
    alice.line.posted.clear()
    second.line.posted.clear()
    alice.line.drops = ("post",)
    say(alice, "one")
    say(alice, "two")
    second.locator("[data-pending]").nth(1).wait_for()
    second.wait_for_timeout(500)
    assert (len(alice.line.posted), second.line.posted) == (1, [])

    alice.close()
    wait_for_text(bob, "two")
    wait_for_text(second, "two")

    assert stripped(second) == stripped(bob) == ["zero", "one", "two"]


def test_the_tab_in_use_does_not_wait_for_one_that_hangs(alice, bob):
    second = other_tab(alice)
    alice.line.drops = ("post",)
    say(alice, "one")
    alice.line.drops = ()
    started = time.monotonic()

    say(second, "two")
    wait_for_text(bob, "two")

    assert time.monotonic() - started < 5  # seconds; an answer is awaited for 10
    assert stripped(bob) == ["one", "two"]
    wait_for_text(alice, "two")
    assert stripped(alice) == ["one", "two"]


def test_a_tab_that_was_one_too_many_says_so_and_can_be_loaded_again(alice):
    alice.line.cut(code=4409)
    alice.get_by_text("open in too many tabs").wait_for()
    alice.line.mend()
    alice.wait_for_timeout(1500)  # its first pauses would be shorter
    assert alice.locator(OPEN_SOCKET).count() == 0

    alice.reload()
    alice.wait_for_selector(OPEN_SOCKET)
    say(alice, "back")
    wait_for_text(alice, "back")
