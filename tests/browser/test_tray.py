"""What is about to be sent: looked over, flagged, removed."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from tests.browser.conftest import say
from tests.browser.files import MIB, make_file, send, wait_ready

pytestmark = [pytest.mark.live, pytest.mark.browser]
GIVE = """type => {
  const transfer = new DataTransfer();
  transfer.items.add(new File(["x"], `${type}.txt`, {type: "text/plain"}));
  const options = {bubbles: true, cancelable: true};
  const event = type === "drop"
    ? new DragEvent(type, {...options, dataTransfer: transfer})
    : new ClipboardEvent(type, {...options, clipboardData: transfer});
  document.querySelector("#composer-body").dispatchEvent(event);
}"""


def allow(page, **limits):
    """Other limits for this page's tray than the site's."""
    page.evaluate(
        "limits => Object.assign(document.querySelector('file-tray').dataset, limits)",
        limits,
    )


def items(page):
    return page.locator(".tray__name").all_text_contents()


def test_dropped_and_pasted_files_reach_the_tray(join):
    alice = join("Alice")

    alice.evaluate(GIVE, "drop")
    alice.evaluate(GIVE, "paste")

    assert items(alice) == ["drop.txt", "paste.txt"]


def test_a_pasted_picture_is_named_by_its_time(join):
    alice = join("Alice", timezone_id="Asia/Tokyo")

    alice.evaluate("""() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(["x"], "image.png", {type: "image/png"}));
      const options = {bubbles: true, cancelable: true, clipboardData: transfer};
      const event = new ClipboardEvent("paste", options);
      document.querySelector("#composer-body").dispatchEvent(event);
    }""")

    [name] = items(alice)
    assert re.fullmatch(r"image-\d{4}(-\d\d){5}\.png", name)
    sent_at = datetime.strptime(name, "image-%Y-%m-%d-%H-%M-%S.png")
    tokyo = datetime.now(ZoneInfo("Asia/Tokyo")).replace(tzinfo=None)
    assert abs(tokyo - sent_at) < timedelta(minutes=5)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.png", "image"),
        ("a.mp3", "audio"),
        ("a.mp4", "video"),
        ("a.txt", "text"),
        ("a.zip", "other"),
        ("a", "other"),
    ],
)
def test_the_kind_of_a_file_is_shown(join, tmp_path, name, kind):
    alice = join("Alice")

    alice.set_input_files("#composer-files", make_file(tmp_path, name, 10))

    shown = alice.locator(".tray__icon:visible")
    assert [shown.count(), shown.get_attribute("data-icon")] == [1, kind]


def test_small_pictures_are_shown_and_given_back(join, tmp_path):
    alice = join("Alice")
    alice.evaluate("""() => {
      window.revoked = [];
      const revoke = URL.revokeObjectURL;
      URL.revokeObjectURL = (url) => { revoked.push(url); revoke.call(URL, url); };
    }""")
    Image.new("RGB", (60, 40), "teal").save(tmp_path / "laut.png")
    make_file(tmp_path, "rusak.png", 100)
    alice.set_input_files(
        "#composer-files", [tmp_path / "laut.png", tmp_path / "rusak.png"]
    )
    shown = alice.locator(".tray__thumbnail:visible")
    shown.wait_for()
    address = shown.get_attribute("src")
    assert shown.count() == 1

    alice.get_by_role("button", name="Remove laut.png").click()

    assert address in alice.evaluate("revoked")
    assert items(alice) == ["rusak.png"]
    focused = "document.activeElement.matches('[data-browse]')"
    assert alice.evaluate(focused) is True


def test_a_long_name_keeps_its_ending(join, tmp_path):
    alice = join("Alice", viewport={"width": 360, "height": 700})
    name = "laporan kegiatan belajar semester ganjil kelas sebelas.docx"
    alice.set_input_files("#composer-files", make_file(tmp_path, name, 10))

    box = alice.locator(".tray__item [data-ending]").bounding_box()

    assert alice.locator(".tray__item [data-ending]").inner_text() == ".docx"
    assert box["x"] + box["width"] < 360
    assert alice.evaluate("document.documentElement.scrollWidth") == 360


def test_what_cannot_go_is_flagged_and_the_good_ones_go(join, tmp_path):
    alice = join("Alice")
    allow(alice, mostFileBytes="5000")
    good, large = (make_file(tmp_path, f"{n}.bin", n) for n in (4000, 6000))
    empty = make_file(tmp_path, "empty.txt", 0)

    send(alice, large, good, empty, text="what goes")
    wait_ready(alice, good.name)

    assert alice.locator(".attachment").count() == 1
    assert items(alice) == [large.name, empty.name]
    said = alice.locator(".tray__problem:visible").all_inner_texts()
    assert said[0].startswith("Too large: at most 4.0")
    assert said[1].startswith("This file is empty.")


def test_more_than_a_message_takes_are_flagged(join, tmp_path):
    alice = join("Alice")
    allow(alice, mostFiles="2")
    files = [make_file(tmp_path, f"{n}.bin", 10) for n in range(3)]

    alice.set_input_files("#composer-files", files)

    flagged = alice.locator(".tray__item:not([data-problem=''])")
    assert flagged.locator(".tray__name").all_text_contents() == ["2.bin"]
    alice.get_by_role("button", name="Remove 0.bin").click()
    assert flagged.count() == 0


def test_only_flagged_files_are_no_message(join, tmp_path):
    alice = join("Alice")
    alice.set_input_files("#composer-files", make_file(tmp_path, "empty.txt", 0))

    alice.click(".composer__send")
    alice.wait_for_timeout(300)

    assert alice.locator(".message").count() == 0
    assert items(alice) == ["empty.txt"]


def test_enter_during_an_upload_loses_nothing(join, tmp_path):
    alice = join("Alice")
    first, second = (make_file(tmp_path, name, 2 * MIB) for name in ("a.bin", "b.bin"))
    send(alice, first)
    alice.set_input_files("#composer-files", second)

    say(alice, "and this")

    wait_ready(alice, "a.bin", "b.bin")
    assert alice.locator(".message").count() == 2
