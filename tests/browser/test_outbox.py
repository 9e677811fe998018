"""What was written is sent in order and once, whatever happens to page and line."""

import pytest

from rooms import limits
from tests.browser.conftest import (
    ARGUMENTS,
    CHROMIUM,
    OPEN_SOCKET,
    say,
    stripped,
    wait_for_text,
)
from tests.browser.lines import (
    CUT,
    Line,
    cut,
    failed,
    pending,
    reload_with,
    stored,
)

pytestmark = [pytest.mark.live, pytest.mark.browser]
NO_STORES = {
    "throws": "IDBFactory.prototype.open = () => { throw new Error('private'); };",
    "missing": "Object.defineProperty(window, 'indexedDB', {value: undefined});",
    "silent": "IDBFactory.prototype.open = () => new EventTarget();",
    "blocked": """for (const name of ['indexedDB', 'localStorage', 'sessionStorage'])
      Object.defineProperty(window, name, {get() { throw new Error('blocked'); }});
      LockManager.prototype.request = () => Promise.reject(new Error('blocked'));
      delete window.BroadcastChannel;""",
}


def test_five_messages_written_offline_arrive_in_order_and_once(alice, bob):
    written = ["one", "two", "three", "four", "five"]
    cut(alice)
    for text in written:
        say(alice, text)
    assert pending(alice) == written
    assert alice.get_by_text("Waiting for the connection").count() == 5

    alice.line.mend()
    wait_for_text(bob, "five")
    wait_for_text(alice, "five")

    assert stripped(alice) == stripped(bob) == written
    assert stored(alice) == []
    assert len(set(alice.line.posted)) == 5


def test_more_than_the_server_takes_at_once_arrives_in_order(alice, bob):
    written = [f"number {n}" for n in range(1, limits.POST_BURST + 9)]
    cut(alice)
    for text in written:
        say(alice, text)

    alice.line.mend()
    wait_for_text(bob, written[-1])
    wait_for_text(alice, written[-1])

    assert stripped(alice) == stripped(bob) == written
    assert len(alice.line.posted) > len(set(alice.line.posted)) == len(written)


def test_a_reload_offline_keeps_what_waits(alice, bob):
    cut(alice)
    say(alice, "one")
    say(alice, "two")
    alice.fill("#composer-body", "half a thou")

    alice.reload()
    alice.wait_for_selector(CUT)
    assert pending(alice) == ["one", "two"]
    assert alice.input_value("#composer-body") == "half a thou"
    alice.line.mend()
    wait_for_text(bob, "two")
    wait_for_text(alice, "two")

    assert stripped(alice) == stripped(bob) == ["one", "two"]


def test_what_waits_survives_the_browser(chromium, server, tmp_path, join):
    def open_browser():
        return chromium.browser_type.launch_persistent_context(
            tmp_path / "profile", executable_path=CHROMIUM, args=ARGUMENTS
        )

    bob = join("Bob")
    with open_browser() as browser:
        page = browser.new_page()
        page.goto(server.url)
        page.fill("[name=name]", "Alice")
        page.fill("[name=number]", "1001")
        page.click("[data-main]")
        page.wait_for_selector(OPEN_SOCKET)
        page.line, address = Line(page), page.url
        page.reload()
        page.wait_for_selector(OPEN_SOCKET)
        cut(page)
        say(page, "one")
        say(page, "two")
    with open_browser() as browser:
        browser.new_page().goto(address)
        wait_for_text(bob, "two")

    assert stripped(bob) == ["one", "two"]


def test_a_message_without_an_answer_is_sent_again_as_the_same(alice, bob):
    alice.line.drops = ("post",)
    say(alice, "once")
    alice.wait_for_timeout(500)
    assert len(alice.line.posted) == 1

    alice.line.drops = ()
    wait_for_text(alice, "once")

    assert len(alice.line.posted) == 2
    assert len(set(alice.line.posted)) == 1
    assert stripped(alice) == stripped(bob) == ["once"]


def test_a_message_whose_answer_was_lost_is_not_shown_twice(alice, bob):
    alice.line.drops = ("changes",)
    say(alice, "once")
    wait_for_text(bob, "once")
    cut(alice)
    alice.reload()
    alice.wait_for_selector(CUT)
    assert stored(alice) == ["once"]
    assert stripped(alice) == ["once"]

    alice.line.drops = ()
    alice.line.mend()
    alice.wait_for_selector(OPEN_SOCKET)
    say(alice, "next")
    wait_for_text(alice, "next")

    assert stripped(alice) == stripped(bob) == ["once", "next"]
    assert stored(alice) == []


def test_kill_and_restart_in_the_middle_lose_and_double_nothing(alice, bob, server):
    written = [f"number {n}" for n in range(1, 19)]
    for text in written:
        say(alice, text)
        alice.wait_for_timeout(60)
        if text == written[5]:
            server.kill()
        if text == written[11]:
            server.start()
    for page in (alice, bob):
        wait_for_text(page, written[-1])

    assert stripped(alice) == stripped(bob) == written
    assert stored(alice) == []
    bob.reload()
    assert stripped(bob) == written


@pytest.mark.parametrize("name", NO_STORES)
def test_without_a_store_messages_are_sent(alice, bob, name):
    reload_with(alice, NO_STORES[name]).wait_for_selector(OPEN_SOCKET)
    say(alice, "one")
    wait_for_text(bob, "one")
    cut(alice)
    say(alice, "two")
    say(alice, "three")
    assert pending(alice) == ["two", "three"]

    alice.line.mend()
    wait_for_text(alice, "three")

    assert stripped(alice) == stripped(bob) == ["one", "two", "three"]


def test_what_waits_when_the_room_ends_is_kept_as_failed(join, alice, bob):
    address = alice.url.split("#")[0]
    cut(alice)
    say(alice, "a last word")
    token = alice.locator("[name=csrfmiddlewaretoken]").first.input_value()
    alice.request.post(
        f"{address}leave/",
        form={"csrfmiddlewaretoken": token},
        headers={"Referer": address},
    )
    alice.line.mend()
    failed(alice).wait_for()
    assert "It could not be sent." in failed(alice).inner_text()
    assert failed(alice).get_by_role("button").all_inner_texts() == ["Discard"]

    alice.goto(address.split("/rooms/")[0])
    alice.fill("#id_name", "Alice")
    alice.fill("#id_number", "1001")
    alice.click("[data-main]")
    alice.wait_for_selector(OPEN_SOCKET)
    assert stripped(bob) == []
    failed(alice).get_by_role("button", name="Retry").click()
    wait_for_text(bob, "a last word")

    wait_for_text(alice, "a last word")
    assert stripped(alice) == ["a last word"]
