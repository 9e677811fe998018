"""What was written is sent in order and once, whatever happens to page and line."""

import time

import pytest

from tests.browser.conftest import (
    ARGUMENTS,
    CHROMIUM,
    OPEN_SOCKET,
    say,
    texts,
    wait_for_text,
)
from tests.browser.lines import DOUBLES, Line, reload_with

pytestmark = [pytest.mark.live, pytest.mark.browser]
CUT = "chat-room[data-state=offline]"
NO_LOCKS = "Object.defineProperty(Navigator.prototype, 'locks', {value: undefined});"
NO_STORES = {
    "throws": "IDBFactory.prototype.open = () => { throw new Error('private'); };",
    "missing": "Object.defineProperty(window, 'indexedDB', {value: undefined});",
    "silent": "IDBFactory.prototype.open = () => new EventTarget();",
    "blocked": """for (const name of ['indexedDB', 'localStorage', 'sessionStorage'])
      Object.defineProperty(window, name, {get() { throw new Error('blocked'); }});
      LockManager.prototype.request = () => Promise.reject(new Error('blocked'));
      delete window.BroadcastChannel;""",
}


@pytest.fixture
def alice(join):
    """Alice at a page that notes messages shown twice, with a line to cut."""
    page = join("Alice")
    page.line = Line(page.context)
    reload_with(page, DOUBLES).wait_for_selector(OPEN_SOCKET)
    yield page
    for tab in page.context.pages:
        assert tab.evaluate("[...doubled]") == []


@pytest.fixture
def bob(join, alice):
    return join("Bob")


def other_tab(page):
    tab = page.context.new_page()
    tab.goto(page.url)
    tab.wait_for_selector(OPEN_SOCKET)
    return tab


def cut(*pages):
    pages[0].line.cut()
    for page in pages:
        page.wait_for_selector(CUT)


def pending(page):
    return page.locator("[data-pending] [data-body]").all_inner_texts()


def failed(page):
    return page.locator(".message[data-state=failed]")


def stripped(page):
    return [text.strip() for text in texts(page)]


def stored(page):
    """What the browser keeps of the outbox."""
    return page.evaluate("""() => new Promise((resolve) => {
      const opening = indexedDB.open("outbox");
      opening.onsuccess = () => {
        const records = opening.result.transaction("records").objectStore("records");
        records.getAll().onsuccess = ({target}) => {
          opening.result.close();
          resolve(target.result.map((draft) => draft.body));
        };
      };
    })""")


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
