"""Who saves what arrives gets it, once, and nothing that was there before."""

import pytest

from tests.browser.conftest import OPEN_SOCKET, fill_room
from tests.browser.files import (
    MIB,
    SLOW,
    card,
    choose_again,
    leave_half_sent_far_up,
    make_file,
    send,
    sha256,
    slow_down,
    wait_for_state,
    wait_ready,
)
from tests.browser.lines import Line, load_history_again

pytestmark = [pytest.mark.live, pytest.mark.browser]


@pytest.fixture
def big(tmp_path):
    return make_file(tmp_path, "foto liburan (asli).bin", 6 * MIB)


def join_saving(join):
    """Bob, who saves what arrives, with the names of it in `bob.saved`."""
    bob = join("Bob", viewport={"width": 1280, "height": 800})
    bob.get_by_label("Save what arrives").check()
    bob.saved = []
    bob.on("download", lambda download: bob.saved.append(download.suggested_filename))
    return bob


def test_a_file_of_a_message_further_up(join, server, big):
    alice = join("Alice")
    leave_half_sent_far_up(alice, server, big)
    bob = join_saving(join)
    assert card(bob, big.name).count() == 0

    alice.locator("unfinished-uploads").get_by_text(big.name).click()
    wait_for_state(alice, big.name, "away")
    with bob.expect_download() as download:
        choose_again(alice, big)

    assert sha256(download.value.path()) == sha256(big)


def test_not_old_files_further_up_that_somebody_else_receives(join, server, tmp_path):
    alice = join("Alice")
    names = ["one.bin", "two.bin", "new.bin"]
    one, two, new = (make_file(tmp_path, name, 3000) for name in names)
    send(alice, one, two)
    wait_ready(alice, one.name, two.name)
    fill_room(server, 120)
    bob, carol = join_saving(join), join("Carol")

    path = card(alice, one.name).get_attribute("data-path")
    assert carol.request.get(server.url + path).body() == one.read_bytes()
    card(alice, one.name).get_by_text("Received by 1").wait_for()
    with bob.expect_download():
        send(alice, new)

    assert bob.saved == ["new.bin"]


def test_a_file_that_arrived_before_history_was_loaded_again(join, tmp_path, big):
    alice, bob = join("Alice"), join_saving(join)
    old = make_file(tmp_path, "old.bin", 3000)
    bob.line = Line(bob.context)
    with bob.expect_download():
        send(alice, old)
    bob.reload()
    bob.wait_for_selector(OPEN_SOCKET)
    slow_down(alice, SLOW)
    send(alice, big)
    card(bob, big.name).wait_for()
    bob.line.drops = ("changes",)
    wait_ready(alice, big.name)

    with bob.expect_download():
        load_history_again(bob)

    assert bob.saved == [old.name, big.name]
