"""Files on their way, for tests: what is sent, how fast, and what the server has."""

import hashlib
import os
import re
from pathlib import Path

from tests.browser.conftest import OPEN_SOCKET, fill_room

MIB = 1024 * 1024
SLOW = MIB  # bytes in a second
READY = ".attachment[data-state=ready]"
UPLOADING = ".attachment[data-state=uploading]"
PATCHES = re.compile(r"/uploads/[^/]+/$")


def make_file(folder, name, size):
    path = folder / name
    path.write_bytes(os.urandom(size))
    return path


def sha256(path):
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def send(page, *paths, text=""):
    page.set_input_files("#composer-files", paths)
    page.fill("#composer-body", text)
    page.click(".composer__send")


def card(page, name):
    return page.locator(".attachment").filter(
        has=page.locator(".attachment__name", has_text=name)
    )


def wait_ready(page, *names):
    for name in names:
        card(page, name).and_(page.locator(READY)).wait_for()


def wait_for_state(page, name, state):
    selector = f"[data-upload={state}]"
    card(page, name).and_(page.locator(selector)).wait_for()


def percent(page, name):
    return int(card(page, name).locator("[data-percent]").inner_text().split()[0])


def wait_percent(page, name, least):
    """Wait until at least so many percent are there."""
    for _ in range(300):
        if percent(page, name) >= least:
            return
        page.wait_for_timeout(50)
    raise AssertionError(percent(page, name))


def digest_of(page, name):
    """The SHA-256 of the bytes that this person downloads."""
    with page.expect_download() as download:
        card(page, name).locator("a.attachment__name").click()
    assert download.value.suggested_filename == name
    return sha256(download.value.path())


def slow_down(page, bytes_per_second):
    """Of the page and of its workers; returns the session to change it again."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    set_speed(session, bytes_per_second)
    return session


def set_speed(session, bytes_per_second):
    session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": 0,
            "downloadThroughput": -1,
            "uploadThroughput": bytes_per_second,
        },
    )


def note_offsets(page):
    """A list that grows with the offset of each part that is sent."""
    offsets = []

    def note(request):
        if request.method == "PATCH":
            offsets.append(int(request.headers["upload-offset"]))

    page.on("request", note)
    return offsets


def press(page, name, button):
    card(page, name).get_by_role("button", name=f"{button}: {name}").click()


def leave_half_sent(page, file):
    """Send some, and load the page again; returns a list of later offsets."""
    session = slow_down(page, SLOW)
    send(page, file)
    wait_percent(page, file.name, 30)
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.wait_for_selector(OPEN_SOCKET)
    set_speed(session, -1)
    wait_for_state(page, file.name, "away")
    return note_offsets(page)


def leave_half_sent_far_up(page, server, file):
    """The same, with 120 messages after it; the newest page does not reach it."""
    offsets = leave_half_sent(page, file)
    fill_room(server, 120)
    page.reload()
    page.wait_for_selector(OPEN_SOCKET)
    assert card(page, file.name).count() == 0
    return offsets


def choose_again(page, file):
    card(page, file.name).locator("[data-same-file]").set_input_files(file)
