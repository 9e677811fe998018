"""Uploads that wait for their sender, and that nobody waits for any more."""

import pytest

from tests.browser.conftest import delete_file, fill_room, wait_for_text, wait_until
from tests.browser.files import (
    MIB,
    PATCHES,
    SLOW,
    card,
    choose_again,
    leave_half_sent,
    leave_half_sent_far_up,
    make_file,
    press,
    send,
    slow_down,
    wait_for_state,
    wait_percent,
    wait_ready,
)
from tests.browser.lines import failed, load_history_again

pytestmark = [pytest.mark.live, pytest.mark.browser]
IN_SIGHT = """e => {
  const { top, bottom } = e.getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight;
}"""


BOTTOM = "e => e.getBoundingClientRect().bottom"


@pytest.fixture
def big(tmp_path):
    return make_file(tmp_path, "foto liburan (asli).bin", 6 * MIB)


def unfinished(page, name):
    return page.locator("unfinished-uploads").get_by_text(name)


def test_an_unfinished_upload_further_up_is_found_and_goes_on(join, server, big):
    alice = join("Alice")
    offsets = leave_half_sent_far_up(alice, server, big)

    unfinished(alice, big.name).click()
    wait_for_state(alice, big.name, "away")

    assert card(alice, big.name).evaluate("e => e === document.activeElement") is True
    assert card(alice, big.name).evaluate(IN_SIGHT) is True
    bottom = alice.locator("[data-scroll]").evaluate(BOTTOM)
    assert bottom <= alice.locator(".composer").bounding_box()["y"] + 1
    sent_before = len(offsets)
    choose_again(alice, big)
    wait_ready(alice, big.name)
    assert offsets[sent_before] >= 0.3 * big.stat().st_size
    assert alice.locator("unfinished-uploads").count() == 0


def test_one_that_is_deleted_elsewhere_is_not_offered_any_more(join, server, big):
    alice = join("Alice")
    leave_half_sent_far_up(alice, server, big)
    assert unfinished(alice, big.name).is_visible()

    delete_file(server, big.name)

    alice.locator("unfinished-uploads").wait_for(state="detached")


def test_one_that_was_deleted_unheard_goes_at_a_click(join, server, big):
    alice = join("Alice")
    leave_half_sent_far_up(alice, server, big)
    alice.evaluate("document.querySelector('chat-room').socket.end()")
    delete_file(server, big.name)

    unfinished(alice, big.name).click()

    alice.locator("unfinished-uploads").wait_for(state="detached")
    focused = alice.locator("[data-scroll]")
    assert focused.evaluate("e => e === document.activeElement") is True


def test_history_that_is_loaded_again_names_them_anew(join, server, big):
    alice = join("Alice")
    leave_half_sent(alice, big)
    fill_room(server, 120)
    wait_for_text(alice, "message 120")
    assert alice.locator("unfinished-uploads").count() == 0

    load_history_again(alice)
    unfinished(alice, big.name).click()
    wait_for_state(alice, big.name, "away")
    load_history_again(alice)
    assert alice.locator("unfinished-uploads").count() == 1
    delete_file(server, big.name)

    alice.locator("unfinished-uploads").wait_for(state="detached")


def note_warnings(page):
    """A list that grows with each question whether to leave the page."""
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    return asked


def test_a_paused_one_that_is_deleted_elsewhere_keeps_nobody(join, server, big):
    alice = join("Alice")
    asked = note_warnings(alice)
    slow_down(alice, SLOW)
    send(alice, big)
    wait_percent(alice, big.name, 5)
    press(alice, big.name, "Pause")

    delete_file(server, big.name)
    card(alice, big.name).wait_for(state="detached")
    alice.reload()

    assert asked == []


def test_one_that_is_paused_while_its_end_is_stored_keeps_nobody(join, big):
    alice = join("Alice")
    asked = note_warnings(alice)
    held = []

    def hold_the_end(route):
        is_end = "upload-file-checksum" in route.request.headers
        held.append(route) if is_end else route.continue_()

    alice.route(PATCHES, hold_the_end)
    send(alice, big)
    wait_until(alice, lambda: held)

    press(alice, big.name, "Pause")
    held[0].fetch()
    wait_ready(alice, big.name)
    alice.reload()

    assert asked == []


def test_a_draft_that_is_discarded_in_another_tab_keeps_nobody(join, big):
    alice = join("Alice")
    asked = note_warnings(alice)
    second = alice.context.new_page()
    second.goto(alice.url)
    send(alice, big, text="bad \u0007 bell")
    failed(alice).wait_for()

    failed(second).get_by_role("button", name="Discard").click()
    failed(alice).wait_for(state="detached")
    alice.reload()

    assert asked == []
