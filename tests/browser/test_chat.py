"""Two people in one room, a third elsewhere."""

import hashlib
import os
import re
from pathlib import Path

import pytest

from tests.browser.conftest import (
    OPEN_SOCKET,
    fill_room,
    say,
    texts,
    wait_for_text,
    wait_until,
)
from tests.browser.lines import load_history_again

pytestmark = [pytest.mark.live, pytest.mark.browser]
MIB = 1024 * 1024
OLDER = re.compile(r"\?before=")


@pytest.fixture
def big_file(tmp_path):
    path = tmp_path / "foto liburan (asli).bin"
    path.write_bytes(os.urandom(20 * MIB))
    return path


def numbers(page):
    """Of the messages that fill the room, as they are shown."""
    return [int(text.split()[-1]) for text in texts(page)]


def sha256(path):
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def test_text_and_a_file_reach_the_room_and_nobody_else(join, big_file, server):
    alice, bob = join("Alice"), join("Bob", locale="id-ID")
    charlie = join("Charlie", number="2002")

    say(alice, "Halo **Bob**")
    wait_for_text(bob, "Halo Bob")
    alice.set_input_files("#composer-files", big_file)
    alice.click(".composer__send")
    card = bob.locator("a.attachment__name")
    card.wait_for()

    with bob.expect_download() as download:
        card.click()
    assert download.value.suggested_filename == big_file.name
    assert sha256(download.value.path()) == sha256(big_file)
    assert bob.locator(".attachment__facts").inner_text().endswith("Diterima")
    alice.locator("a.attachment__name").wait_for()
    assert alice.locator(".attachment__facts").inner_text().endswith("Sent")
    assert alice.locator("[data-pending]").count() == 0
    assert charlie.locator(".message").count() == 0
    path = card.get_attribute("href")
    assert charlie.request.get(server.url + path).status == 404
    assert charlie.request.get(server.url + path[:-4] + "abc/").status == 404


def test_without_javascript_the_same_works(join, big_file):
    alice = join("Alice", java_script_enabled=False)
    bob = join("Bob", java_script_enabled=False)

    alice.fill("#composer-body", "by form")
    alice.set_input_files("#composer-files", big_file)
    alice.click(".composer__send")
    bob.reload()

    assert [text.strip() for text in texts(bob)] == ["by form"]
    with bob.expect_download() as download:
        bob.click(".attachment__name")
    assert sha256(download.value.path()) == sha256(big_file)
    mine = alice.locator(".is-mine .message__author:visible").inner_text()
    assert mine == "You"
    assert alice.locator("a.attachment__name").count() == 1


def test_after_kill_and_restart_everything_is_there_once(join, server):
    alice, bob = join("Alice"), join("Bob")
    say(alice, "one")
    wait_for_text(bob, "one")

    server.kill()
    alice.get_by_text("The connection is lost.").wait_for()
    say(alice, "two")
    say(alice, "three")
    assert alice.locator("[data-state=pending]").count() == 2
    server.start()
    for page in (alice, bob):
        page.wait_for_selector(OPEN_SOCKET, timeout=30_000)
        wait_for_text(page, "three")

    assert [t.strip() for t in texts(alice)] == ["one", "two", "three"]
    assert [t.strip() for t in texts(bob)] == ["one", "two", "three"]
    bob.reload()
    assert [t.strip() for t in texts(bob)] == ["one", "two", "three"]


def test_an_outage_while_history_is_loaded_again_only_delays(join):
    alice = join("Alice")
    say(alice, "still here")
    wait_for_text(alice, "still here")
    address, answers = alice.url.partition("#")[0], []
    away = {"status": 503, "content_type": "text/html", "body": "<p>Away.</p>"}
    alice.route(address, lambda route: route.fulfill(**away), times=2)
    alice.on("response", lambda answer: answers.append(answer.status))
    alice.evaluate("document.isSame = true")

    with alice.expect_response(lambda answer: answer.ok and answer.url == address):
        load_history_again(alice)
    wait_for_text(alice, "still here")

    assert answers == [503, 503, 200]
    assert alice.evaluate("document.isSame") is True


def test_unsent_text_and_waiting_messages_survive_a_reload(join, server):
    alice = join("Alice")
    server.kill()
    alice.wait_for_selector("chat-room[data-state=offline]")
    say(alice, "waiting")
    alice.fill("#composer-body", "half a thou")
    server.start()

    alice.reload()
    wait_for_text(alice, "waiting")

    assert alice.input_value("#composer-body") == "half a thou"
    assert [t.strip() for t in texts(alice)] == ["waiting"]


def test_who_is_here_follows_at_once(join):
    alice, bob = join("Alice"), join("Bob")
    alice.set_viewport_size({"width": 1440, "height": 900})
    people = alice.locator(".presence__person")
    people.nth(1).wait_for()
    assert people.all_inner_texts() == ["Alice", "Bob"]

    bob.context.close()
    people.nth(1).wait_for(state="detached")

    assert people.all_inner_texts() == ["Alice"]


def test_leaving_ends_the_other_tab_too(join):
    bob = join("Bob")
    second_tab = bob.context.new_page()
    second_tab.goto(bob.url)
    second_tab.wait_for_selector(OPEN_SOCKET)
    second_tab.set_viewport_size({"width": 1440, "height": 900})

    second_tab.get_by_role("button", name="Leave the room").click()
    bob.get_by_text("You are not in this room any more.").wait_for()

    assert bob.locator("#composer-body").is_disabled()
    assert second_tab.get_by_role("heading", name="Join a room").is_visible()


def test_a_refused_message_keeps_its_text_and_can_be_retried(join):
    alice = join("Alice")
    say(alice, "bad \u0007 bell")
    failed = alice.locator(".message[data-state=failed]")
    failed.wait_for()

    assert "characters that cannot be shown" in failed.inner_text()
    assert "bad" in failed.locator("[data-body]").inner_text()
    failed.get_by_role("button", name="Discard").click()
    assert alice.locator(".message").count() == 0


def test_shift_enter_breaks_the_line_and_enter_sends(join):
    alice = join("Alice")
    alice.locator("#composer-body").press_sequentially("first")
    alice.press("#composer-body", "Shift+Enter")
    alice.locator("#composer-body").press_sequentially("second")

    alice.press("#composer-body", "Enter")
    wait_for_text(alice, "second")

    assert texts(alice) == ["first\nsecond"]


def test_a_script_in_a_message_is_text(join):
    alice, bob = join("Alice"), join("Bob")

    say(alice, "<img src=x onerror=alert(1)><script>alert(2)</script>")
    wait_for_text(bob, "onerror=alert(1)")

    assert bob.locator(".message__body img, .message__body script").count() == 0


def test_history_loads_older_pages_without_jumping(join, server):
    alice = join("Alice")
    fill_room(server, 130)
    alice.reload()
    alice.wait_for_selector(OPEN_SOCKET)
    assert alice.locator(".message").count() == 50
    anchor = alice.locator(".message", has_text="message 81").first
    scroller = alice.locator("[data-scroll]")

    scroller.evaluate("e => { e.scrollTop = 300; }")
    before = anchor.bounding_box()["y"] if anchor.count() else None
    alice.locator(".message", has_text="message 31").first.wait_for(state="attached")

    assert before is not None
    assert abs(anchor.bounding_box()["y"] - before) < 2
    shown = [int(t.split()[-1]) for t in texts(alice)]
    assert shown == sorted(set(shown))


def test_what_grows_at_the_end_is_followed_and_takes_no_scrolling_back(join, server):
    alice = join("Alice")
    fill_room(server, 40)
    alice.reload()
    alice.wait_for_selector(OPEN_SOCKET)

    followed, scrolled = alice.evaluate("""async () => {
      const frame = () => new Promise(requestAnimationFrame);
      const scroller = document.querySelector("[data-scroll]");
      [...document.querySelectorAll(".message")].at(-1).style.paddingBlockEnd = "300px";
      await frame().then(frame);
      const end = scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop;
      scroller.scrollTop -= 400;
      await frame().then(frame);
      const back = scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop;
      return [end, back];
    }""")

    assert followed < 2
    assert scrolled == pytest.approx(400, abs=2)


def test_slow_scrolling_reaches_the_first_message(join, server):
    alice = join("Alice")
    fill_room(server, 130)
    alice.reload()
    alice.wait_for_selector(OPEN_SOCKET)
    alice.locator("[data-scroll]").hover()
    first = alice.locator(".message", has_text=re.compile(r"message 1\b"))

    for _ in range(400):
        alice.mouse.wheel(0, -60)
        if first.count():
            break

    first.wait_for(state="attached")


def hear_messages(page, first, count):
    """Let the page hear of so many messages, a hundred for each day."""
    page.evaluate(
        """async ([first, count]) => {
      const room = document.querySelector("chat-room");
      for (let n = 0; n < count; n += 1) {
        const [position, day] = [first + n, new Date(2026, 0, 1 + Math.floor(n / 100))];
        const html = `<article class="message" id="message-${position}"
          data-position="${position}" data-change="${position}" data-author-id="x">
          <time datetime="${day.toISOString()}"></time>${n}</article>`;
        const detail = {position, change: position, author: "x", client_id: n, html};
        room.dispatchEvent(new CustomEvent("message.posted", {detail}));
        if (n % 30 === 0) await new Promise(requestAnimationFrame);
      }
      await new Promise(requestAnimationFrame);
    }""",
        [first, count],
    )


def test_a_page_open_for_days_stays_small_and_in_order(join):
    alice = join("Alice")
    hear_messages(alice, 2, 900)

    children = alice.locator("[data-log] > *").evaluate_all(
        "all => all.map((child) => child.matches('[data-day]') ? 'day' : 'entry')"
    )
    assert children == [*["day", *["entry"] * 100] * 4]
    assert alice.locator("[data-older] a").is_visible()
    assert alice.locator("[data-older] a").get_attribute("href").endswith("=502")


def test_nothing_is_taken_away_under_an_open_dialog(join):
    alice = join("Alice")
    alice.evaluate("document.querySelector('dialog').showModal()")
    hear_messages(alice, 1000, 500)
    assert alice.locator(".message").count() == 500

    alice.evaluate("document.querySelector('dialog').close()")
    hear_messages(alice, 2000, 1)

    assert alice.locator(".message").count() == 400


def test_nothing_is_taken_away_on_the_way_to_an_older_message(join, server):
    alice = join("Alice")
    fill_room(server, 130)
    alice.reload()
    alice.wait_for_selector(OPEN_SOCKET)
    held = []
    alice.route(OLDER, lambda route: held.append(route), times=1)
    alice.evaluate("""() => {
      const detail = {position: 10, attachmentId: ""};
      document.querySelector("chat-room").dispatchEvent(
        new CustomEvent("history.sought", {detail}));
    }""")
    wait_until(alice, lambda: held)
    hear_messages(alice, 1000, 500)
    assert alice.locator(".message").count() == 550

    held[0].continue_()
    alice.locator("#message-10").wait_for(state="attached")
    hear_messages(alice, 2000, 1)

    assert alice.locator("#message-10").bounding_box()["y"] > 0


def test_older_messages_that_come_too_late_leave_no_hole(join, server):
    alice = join("Alice")
    fill_room(server, 170)
    alice.reload()
    alice.wait_for_selector(OPEN_SOCKET)
    load_older = "document.querySelector('[data-older] a').click()"
    alice.evaluate(load_older)
    alice.locator(".message").nth(99).wait_for(state="attached")
    held = []
    alice.route(OLDER, lambda route: held.append(route), times=1)
    alice.evaluate(load_older)
    wait_until(alice, lambda: held)

    load_history_again(alice)
    held[0].continue_()
    alice.locator("[data-log]:not([aria-busy])").wait_for()
    assert numbers(alice) == [*range(121, 171)]
    alice.evaluate(load_older)
    alice.locator(".message").nth(99).wait_for(state="attached")

    assert numbers(alice) == [*range(71, 171)]


def test_an_old_page_opened_alone_becomes_the_newest(join, server):
    alice = join("Alice")
    fill_room(server, 130)

    alice.goto(alice.url.split("#")[0] + "?before=60")
    alice.wait_for_selector(OPEN_SOCKET)

    assert "before" not in alice.url
    wait_for_text(alice, "message 130")
