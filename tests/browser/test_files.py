"""Files from one person to another: on their way, interrupted, refused, and there."""

import pytest

from tests.browser.conftest import say, wait_for_text
from tests.browser.files import (
    MIB,
    PATCHES,
    READY,
    SLOW,
    card,
    choose_again,
    digest_of,
    leave_half_sent,
    make_file,
    note_offsets,
    percent,
    press,
    send,
    set_speed,
    sha256,
    slow_down,
    wait_for_state,
    wait_percent,
    wait_ready,
)

pytestmark = [pytest.mark.live, pytest.mark.browser]


@pytest.fixture
def big(tmp_path):
    return make_file(tmp_path, "foto liburan (asli).bin", 6 * MIB)


def test_text_and_two_files_are_one_message(join, tmp_path, big):
    alice, bob = join("Alice"), join("Bob")
    small = make_file(tmp_path, "catatan.txt", 3000)

    send(alice, big, small, text="two files")
    wait_ready(bob, big.name, small.name)
    wait_ready(alice, big.name, small.name)

    assert bob.locator(".message").count() == alice.locator(".message").count() == 1
    assert bob.locator(".message__body").inner_text().strip() == "two files"
    for file in (big, small):
        assert digest_of(bob, file.name) == sha256(file)


def test_others_see_how_far_it_is_and_can_talk(join, big):
    alice, bob = join("Alice"), join("Bob")
    slow_down(alice, SLOW)

    send(alice, big)
    wait_percent(bob, big.name, 10)
    say(alice, "meanwhile")
    wait_for_text(bob, "meanwhile")

    assert 10 <= percent(bob, big.name) < 100
    assert card(bob, big.name).get_by_role("button").count() == 0
    assert card(alice, big.name).locator("[data-speed]").is_visible()
    wait_ready(bob, big.name)


def test_pause_and_resume_go_on_where_it_was(join, big):
    alice = join("Alice")
    session = slow_down(alice, SLOW)
    offsets = note_offsets(alice)
    send(alice, big)
    wait_percent(alice, big.name, 20)

    press(alice, big.name, "Pause")
    sent = len(offsets)
    alice.wait_for_timeout(1200)
    assert len(offsets) == sent
    assert card(alice, big.name).get_by_text("Paused").is_visible()
    set_speed(session, -1)
    press(alice, big.name, "Resume")
    wait_ready(alice, big.name)

    assert offsets.count(0) == 1
    assert digest_of(alice, big.name) == sha256(big)


def test_cancel_takes_the_file_away_for_everybody(join, big):
    alice, bob = join("Alice"), join("Bob")
    slow_down(alice, SLOW)
    send(alice, big)
    wait_percent(bob, big.name, 5)

    press(alice, big.name, "Cancel")

    card(alice, big.name).wait_for(state="detached")
    card(bob, big.name).wait_for(state="detached")


def test_what_the_server_refuses_can_be_tried_again(join, big):
    alice = join("Alice")
    refuse = {"status": 413, "json": {"code": "room_full", "reason": "No room."}}
    alice.route(PATCHES, lambda route: route.fulfill(**refuse))
    send(alice, big)
    wait_for_state(alice, big.name, "failed")
    assert card(alice, big.name).get_by_text("No room.").is_visible()

    alice.unroute(PATCHES)
    press(alice, big.name, "Retry")

    wait_ready(alice, big.name)


def test_one_failing_file_of_three_stops_no_other(join, tmp_path):
    alice, bob = join("Alice"), join("Bob")
    names = ["one.bin", "two.bin", "three.bin"]
    files = [make_file(tmp_path, name, (n + 1) * 1000) for n, name in enumerate(names)]
    gone = {"status": 400, "json": {"code": "bad", "reason": "Not this one."}}

    def refuse_two(route):
        is_two = route.request.method == "PATCH" and b"2000" in (
            str(len(route.request.post_data_buffer or b"")).encode()
        )
        route.fulfill(**gone) if is_two else route.continue_()

    alice.route(PATCHES, refuse_two)
    send(alice, *files)
    wait_ready(bob, "one.bin", "three.bin")

    wait_for_state(alice, "two.bin", "failed")
    assert bob.locator(READY).count() == 2


def test_a_damaged_part_is_sent_again(join, big):
    alice = join("Alice")
    damaged = []

    def damage_first(route):
        if route.request.method != "PATCH" or damaged:
            return route.continue_()
        damaged.append(route)
        body = bytearray(route.request.post_data_buffer)
        body[0] ^= 1
        return route.continue_(post_data=bytes(body))

    alice.route(PATCHES, damage_first)
    send(alice, big)
    wait_ready(alice, big.name)

    assert len(damaged) == 1
    assert digest_of(alice, big.name) == sha256(big)


def test_a_wrong_whole_is_told_and_can_be_tried_again(join, big):
    alice = join("Alice")

    def mistake(route):
        headers = route.request.headers
        if "upload-file-checksum" in headers:
            wrong = "sha256 " + "A" * 43 + "="
            return route.continue_(headers=headers | {"upload-file-checksum": wrong})
        return route.continue_()

    alice.route(PATCHES, mistake)
    send(alice, big)
    wait_for_state(alice, big.name, "failed")
    assert card(alice, big.name).get_by_text("differs from your file").is_visible()

    alice.unroute(PATCHES)
    press(alice, big.name, "Retry")
    wait_ready(alice, big.name)

    assert digest_of(alice, big.name) == sha256(big)


def test_a_killed_server_only_delays(join, big, server):
    alice, bob = join("Alice"), join("Bob")
    session = slow_down(alice, SLOW)
    offsets = note_offsets(alice)
    send(alice, big)
    wait_percent(alice, big.name, 20)

    server.kill()
    wait_for_state(alice, big.name, "retrying")
    assert card(alice, big.name).get_by_text("It goes on by itself").is_visible()
    set_speed(session, -1)
    server.start()
    wait_ready(alice, big.name)

    wait_ready(bob, big.name)
    assert offsets.count(0) == 1
    assert digest_of(bob, big.name) == sha256(big)


def test_files_written_offline_go_when_the_line_is_back(join, big, server):
    alice = join("Alice")
    server.kill()
    alice.wait_for_selector("chat-room[data-state=offline]")
    send(alice, big, text="later")
    assert alice.locator("[data-pending] .attachment").inner_text().count(big.name) == 1

    server.start()

    wait_ready(alice, big.name)
    assert alice.locator(".message").count() == 1


def test_after_a_reload_the_same_file_goes_on_from_where_it_was(join, big):
    alice, bob = join("Alice"), join("Bob")
    offsets = leave_half_sent(alice, big)
    offer = card(alice, big.name).get_by_text("Continue: choose the same file")
    assert offer.is_visible()
    assert percent(alice, big.name) >= 30

    choose_again(alice, big)
    wait_ready(bob, big.name)

    assert offsets[0] >= MIB
    assert digest_of(bob, big.name) == sha256(big)


@pytest.mark.parametrize("what", ["name", "size"])
def test_another_file_is_refused(join, big, tmp_path, what):
    alice = join("Alice")
    offsets = leave_half_sent(alice, big)
    (tmp_path / "other").mkdir()
    name, size = ("other.bin", 6 * MIB) if what == "name" else (big.name, 6 * MIB - 1)
    other = make_file(tmp_path / "other", name, size)

    card(alice, big.name).locator("[data-same-file]").set_input_files(other)

    card(alice, big.name).get_by_text("That is another file").wait_for()
    assert offsets == []


def test_other_bytes_under_the_same_name_are_found_out(join, big, tmp_path):
    alice = join("Alice")
    leave_half_sent(alice, big)
    (tmp_path / "other").mkdir()
    other = make_file(tmp_path / "other", big.name, 6 * MIB)

    choose_again(alice, other)
    wait_for_state(alice, big.name, "failed")
    assert card(alice, big.name).get_by_text("differs from your file").is_visible()
    press(alice, big.name, "Retry")
    wait_ready(alice, big.name)

    assert digest_of(alice, big.name) == sha256(other)


def test_another_tab_offers_nothing_while_the_first_one_sends(join, big):
    alice = join("Alice")
    slow_down(alice, SLOW)
    send(alice, big)
    wait_percent(alice, big.name, 10)

    second = alice.context.new_page()
    second.goto(alice.url)
    wait_for_state(second, big.name, "elsewhere")

    assert card(second, big.name).get_by_text("another tab").is_visible()
    wait_ready(second, big.name)


def test_leaving_while_uploading_warns_and_later_does_not(join, big):
    alice = join("Alice")
    session = slow_down(alice, SLOW)
    asked = []
    alice.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    send(alice, big)
    wait_percent(alice, big.name, 5)
    alice.reload()
    set_speed(session, -1)
    wait_for_state(alice, big.name, "away")
    choose_again(alice, big)
    wait_ready(alice, big.name)

    alice.reload()

    assert asked == ["beforeunload"]


def test_on_plain_http_files_are_hashed_and_sent(plain_http, big):
    page = plain_http
    assert page.evaluate("isSecureContext") is False
    assert page.evaluate("typeof crypto.subtle") == "undefined"

    send(page, big)
    wait_ready(page, big.name)

    assert digest_of(page, big.name) == sha256(big)


def test_the_sender_sees_who_has_it(join, big):
    alice, bob = join("Alice"), join("Bob", locale="id-ID")
    send(alice, big)
    wait_ready(bob, big.name)

    digest_of(bob, big.name)
    receivers = card(alice, big.name).get_by_text("Received by 1")
    receivers.click()

    names = card(alice, big.name).locator(".attachment__names")
    assert names.inner_text().strip() == "Bob"
    assert not card(bob, big.name).locator(".attachment__receivers").is_visible()


def test_the_hash_is_shown_on_demand(join, big):
    alice = join("Alice")
    send(alice, big)
    wait_ready(alice, big.name)

    card(alice, big.name).get_by_text("SHA-256").click()

    code = card(alice, big.name).locator(".attachment__hash code")
    assert code.inner_text() == sha256(big)
    assert code.is_visible()


def test_without_javascript_the_card_says_that_it_comes(join, big):
    alice, bob = join("Alice"), join("Bob", java_script_enabled=False)
    slow_down(alice, SLOW)
    send(alice, big)
    wait_percent(alice, big.name, 5)

    bob.reload()

    facts = card(bob, big.name).locator(".attachment__facts").inner_text()
    assert facts.endswith("Uploading")
