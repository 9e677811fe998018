"""What a file shows once it is there, and what updates leave alone."""

import re
import wave

import pytest
from PIL import Image

from tests.browser.conftest import OPEN_SOCKET, delete_file, fill_room, wait_until
from tests.browser.files import card, digest_of, make_file, send, sha256, wait_ready
from tests.browser.lines import load_history_again
from tests.browser.test_accessibility import AXE, LOOKS, violations

pytestmark = [pytest.mark.live, pytest.mark.browser]
NAMES = ["pantai.jpg", "gunung.png", "kota.webp"]
OLDER = re.compile(r"\?before=")
FOLDER = """() => {
  window.showDirectoryPicker = async () => {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle("arrived", {create: true});
    folder.queryPermission = folder.requestPermission = async () => "granted";
    return folder;
  };
}"""
KEPT = """async () => {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle("arrived");
  const kept = {};
  for await (const [name, handle] of folder.entries()) {
    const bytes = await (await handle.getFile()).arrayBuffer();
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    kept[name] = [...digest].map((b) => b.toString(16).padStart(2, "0")).join("");
  }
  return kept;
}"""


@pytest.fixture
def pictures(tmp_path):
    for n, name in enumerate(NAMES):
        Image.new("RGB", (900, 500 + 300 * n), (60 * n, 120, 140)).save(tmp_path / name)
    return [tmp_path / name for name in NAMES]


@pytest.fixture
def sound(tmp_path):
    path = tmp_path / "suara.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\0\0" * 8000 * 30)
    return path


def wait_pictures(page, count):
    page.locator(".attachment__thumbnail").nth(count - 1).wait_for()


def open_viewer(page, name):
    page.locator(f".attachment__picture:has(img[alt='{name}'])").click()
    page.locator("dialog.viewer[open]").wait_for()


def shown(page):
    return page.locator(".viewer__image").get_attribute("alt")


def test_a_picture_reserves_its_place(join, pictures):
    alice, bob = join("Alice"), join("Bob")
    send(alice, *pictures)
    wait_pictures(bob, 3)

    sizes = bob.locator(".attachment__thumbnail").evaluate_all(
        "all => all.map((image) => [image.width / image.height, image.alt])"
    )

    assert sizes == [
        [pytest.approx(900 / (500 + 300 * n), 0.02), name]
        for n, name in enumerate(NAMES)
    ]


@pytest.mark.parametrize("width", [360, 1280])
def test_the_room_stays_in_its_window(join, pictures, width):
    alice = join("Alice")
    for n in range(4):
        send(alice, *pictures, text=f"Once more {n}")
        wait_pictures(alice, 3 * (n + 1))
    alice.set_viewport_size({"width": width, "height": 720})
    alice.goto(f"{alice.url.partition('#')[0]}#latest")
    alice.reload()
    alice.wait_for_selector(OPEN_SOCKET)

    told = alice.evaluate(
        "[scrollY, document.documentElement.scrollHeight, innerHeight]"
    )

    assert told == [0, 720, 720]


def test_the_viewer_by_keys_alone(join, pictures):
    alice = join("Alice")
    send(alice, *pictures)
    wait_pictures(alice, 3)
    link = alice.locator(f".attachment__picture:has(img[alt='{NAMES[0]}'])")
    link.focus()
    alice.keyboard.press("Enter")
    alice.locator("dialog.viewer[open]").wait_for()
    assert shown(alice) == NAMES[0]

    steps = []
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft"):
        alice.keyboard.press(key)
        steps.append(shown(alice))
    assert steps == [NAMES[1], NAMES[2], NAMES[2], NAMES[1]]
    stage = alice.locator("[data-stage]")
    alice.keyboard.press("+")
    assert stage.get_attribute("data-zoomed") == "true"
    alice.keyboard.press("0")
    assert stage.get_attribute("data-zoomed") == "false"
    alice.keyboard.press("Escape")

    assert alice.locator("dialog.viewer[open]").count() == 0
    assert link.evaluate("link => link === document.activeElement") is True


def test_the_viewer_goes_on_to_pictures_of_older_messages(join, server, pictures):
    alice = join("Alice")
    send(alice, *pictures[:2])
    wait_pictures(alice, 2)
    fill_room(server, 120)
    alice.reload()
    alice.wait_for_selector(OPEN_SOCKET)
    send(alice, pictures[2])
    wait_pictures(alice, 1)
    open_viewer(alice, NAMES[2])
    count = alice.locator(".viewer__count")
    assert count.inner_text() == "1 / 1+"

    alice.keyboard.press("ArrowLeft")
    alice.locator(f".viewer__image[alt='{NAMES[1]}']").wait_for()
    assert count.inner_text() == "2 / 3"
    alice.keyboard.press("ArrowLeft")
    alice.keyboard.press("ArrowLeft")

    assert shown(alice) == NAMES[0]


def test_the_viewer_goes_on_where_a_deleted_picture_was(join, server, pictures):
    alice = join("Alice")
    send(alice, *pictures)
    wait_pictures(alice, 3)
    open_viewer(alice, NAMES[1])

    delete_file(server, NAMES[1])
    card(alice, NAMES[1]).wait_for(state="detached")

    assert shown(alice) == NAMES[1]
    steps = []
    for key in ("ArrowRight", "ArrowLeft"):
        alice.keyboard.press(key)
        steps.append(shown(alice))
    assert steps == [NAMES[2], NAMES[0]]


def test_the_viewer_goes_on_where_it_was_when_history_is_loaded_again(join, pictures):
    alice = join("Alice")
    send(alice, *pictures)
    wait_pictures(alice, 3)
    open_viewer(alice, NAMES[1])

    load_history_again(alice)
    alice.keyboard.press("ArrowRight")

    assert shown(alice) == NAMES[2]


@pytest.fixture
def only_picture(join, server, pictures):
    """Alice, who looks at a picture after 120 messages without any; what the viewer
    counts is noted."""
    alice = join("Alice")
    fill_room(server, 120)
    alice.reload()
    alice.wait_for_selector(OPEN_SOCKET)
    send(alice, pictures[0])
    wait_pictures(alice, 1)
    open_viewer(alice, NAMES[0])
    alice.evaluate("""() => {
      const count = document.querySelector("[data-count]");
      window.counts = [count.textContent];
      new MutationObserver(() => counts.push(count.textContent))
        .observe(count, {childList: true});
    }""")
    return alice


def counts_after_previous(page, last):
    page.keyboard.press("ArrowLeft")
    wait_until(page, lambda: page.evaluate("counts.slice(1).at(-1)") == last)
    return page.evaluate("counts")


def test_the_viewer_says_when_there_is_no_older_picture(only_picture):
    counts = counts_after_previous(only_picture, "1 / 1")

    assert counts == ["1 / 1+", "1 / …", "1 / …", "1 / 1"]
    previous = only_picture.locator("[data-step='-1']")
    assert previous.get_attribute("aria-disabled") == "true"


def test_the_viewer_looks_through_so_many_pages_at_once(only_picture):
    asked = []
    page = only_picture.request.get(f"{only_picture.url.partition('#')[0]}?before=60")

    def answer(route):
        asked.append(route)
        route.fulfill(body=page.body(), content_type="text/html")

    only_picture.route(OLDER, answer)
    counts = counts_after_previous(only_picture, "1 / 1+")

    assert len(asked) == 20
    assert counts == ["1 / 1+", *["1 / …"] * 20, "1 / 1+"]


def test_the_viewer_stops_looking_when_a_page_does_not_come(only_picture):
    only_picture.route(OLDER, lambda route: route.abort())

    counts = counts_after_previous(only_picture, "1 / 1+")

    assert (counts[0], counts[-1]) == ("1 / 1+", "1 / 1+")
    assert set(counts[1:-1]) == {"1 / …"}  # said once, or again meanwhile


def test_the_viewer_by_pointer(join, pictures):
    alice = join("Alice")
    send(alice, *pictures)
    wait_pictures(alice, 3)
    open_viewer(alice, NAMES[1])
    image = alice.locator(".viewer__image")
    before = image.bounding_box()

    image.dblclick()
    grown = image.bounding_box()
    assert grown["width"] > 2 * before["width"]
    alice.mouse.move(600, 400)
    alice.mouse.down()
    alice.mouse.move(500, 350, steps=5)
    alice.mouse.up()
    moved = image.bounding_box()
    assert [moved["x"] - grown["x"], moved["y"] - grown["y"]] == [
        pytest.approx(-100, abs=2),
        pytest.approx(-50, abs=2),
    ]
    alice.get_by_role("button", name="Whole picture").click()
    with alice.expect_download() as download:
        alice.locator(".viewer [data-download]").click()
    assert sha256(download.value.path()) == sha256(pictures[1])
    alice.locator("[data-stage]").click(position={"x": 5, "y": 5})

    assert alice.locator("dialog.viewer[open]").count() == 0


def test_text_is_shown_on_demand_as_text(join, tmp_path):
    alice, bob = join("Alice"), join("Bob")
    path = tmp_path / "halaman.txt"
    path.write_text("<b>bukan tebal</b>\n" + "é" * 50_000)
    send(alice, path)
    wait_ready(bob, path.name)

    card(bob, path.name).get_by_text("Preview", exact=True).click()
    preview = card(bob, path.name).locator("[data-preview]")
    preview.get_by_text("bukan tebal").wait_for()

    assert preview.locator("b").count() == 0
    assert len(preview.inner_text().encode()) <= 64 * 1024 + 3
    assert card(bob, path.name).get_by_text("Only its beginning").is_visible()


def test_a_receipt_leaves_players_details_and_focus_alone(join, sound, tmp_path):
    text = tmp_path / "teks.txt"
    text.write_text("isi")
    alice, bob = join("Alice"), join("Bob")
    send(alice, sound, text)
    wait_ready(alice, sound.name, text.name)
    wait_ready(bob, sound.name)
    card(alice, text.name).get_by_text("SHA-256").click()
    card(alice, text.name).get_by_text("Preview", exact=True).click()
    card(alice, text.name).get_by_text("isi", exact=True).wait_for()
    link = card(alice, text.name).locator("a.attachment__name")
    link.focus()
    alice.evaluate("""async () => {
      const player = document.querySelector("audio");
      player.muted = true;
      await player.play();
      window.player = player;
      window.stops = 0;
      player.addEventListener("pause", () => { stops += 1; });
      window.added = [];
      window.log = document.querySelector("[data-log]");
      new MutationObserver((all) => all.forEach((one) =>
        one.addedNodes.forEach((node) => added.push(node.textContent.trim()))
      )).observe(window.log, {childList: true, subtree: true});
    }""")

    digest_of(bob, text.name)
    card(alice, text.name).get_by_text("Received by 1").wait_for()

    kept = "player.isConnected && !player.paused && stops === 0"
    assert alice.evaluate(kept) is True
    assert card(alice, text.name).locator("details[open]").count() == 2
    assert card(alice, text.name).get_by_text("isi", exact=True).is_visible()
    assert link.evaluate("link => link === document.activeElement") is True
    assert [" ".join(t.split()) for t in alice.evaluate("added")] == [
        "Received by 1 Bob"
    ]


def test_what_arrives_is_saved_when_asked_for(join, tmp_path):
    alice, bob = join("Alice"), join("Bob", viewport={"width": 1280, "height": 800})
    before, after = (make_file(tmp_path, f"{n}.bin", 3000) for n in ("one", "two"))
    send(alice, before)
    wait_ready(bob, before.name)

    with bob.expect_download() as download:
        bob.get_by_label("Save what arrives").check()
        send(alice, after)

    assert download.value.suggested_filename == after.name
    assert sha256(download.value.path()) == sha256(after)
    card(alice, after.name).get_by_text("Received by 1").wait_for()
    assert card(alice, before.name).get_by_text("Received by").count() == 0
    bob.reload()
    bob.wait_for_selector(OPEN_SOCKET)
    assert bob.get_by_label("Save what arrives").is_checked()


def test_what_arrives_is_saved_into_a_folder_and_verified(join, tmp_path):
    alice, bob = join("Alice"), join("Bob", viewport={"width": 1280, "height": 800})
    bob.evaluate(FOLDER)
    bob.get_by_label("Save what arrives").check()
    bob.get_by_role("button", name="Choose a folder").click()
    bob.get_by_text("Saved into: arrived").wait_for()
    (tmp_path / "again").mkdir()
    files = [
        make_file(folder, "same.bin", 3000) for folder in (tmp_path, tmp_path / "again")
    ]

    for count, file in enumerate(files, 1):
        send(alice, file)
        alice.get_by_text("Received by 1").nth(count - 1).wait_for()

    digests = [sha256(file) for file in files]
    assert bob.evaluate(KEPT) == dict(
        zip(["same.bin", "same (2).bin"], digests, strict=True)
    )


@pytest.mark.parametrize(("locale", "scheme"), LOOKS)
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_on_cards_tray_and_viewer(
    join, pictures, sound, tmp_path, locale, scheme, width
):
    text = tmp_path / "teks.txt"
    text.write_text("isi")
    look = {"locale": locale, "color_scheme": scheme, **AXE}
    alice = join("Alice", viewport={"width": width, "height": 800}, **look)
    send(alice, pictures[0], sound, text, make_file(tmp_path, "x.bin", 2000))
    wait_ready(alice, sound.name, text.name, "x.bin")
    wait_pictures(alice, 1)
    alice.route("**/uploads/*/", lambda route: route.abort())
    send(alice, make_file(tmp_path, "later.bin", 2000))
    card(alice, "later.bin").get_by_role("button").nth(1).wait_for()
    empty = make_file(tmp_path, "kosong.txt", 0)
    alice.set_input_files("#composer-files", [pictures[1], empty])

    assert violations(alice) == []
    assert alice.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    open_viewer(alice, NAMES[0])
    assert violations(alice) == []
    assert alice.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
