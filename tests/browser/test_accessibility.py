"""axe finds nothing; the keyboard reaches everything; small screens do not overflow."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import say, wait_for_text

pytestmark = [pytest.mark.live, pytest.mark.browser]
AXE = {"bypass_csp": True}  # axe measures with inline styles, which ours forbids
WIDTHS = [320, 360, 768, 1440]
LOOKS = [
    (locale, scheme) for locale in ("id-ID", "en-GB") for scheme in ("light", "dark")
]


def violations(page):
    found = Axe().run(page).response["violations"]
    return [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found]


@pytest.mark.parametrize(("locale", "scheme"), LOOKS)
def test_axe_finds_nothing_on_the_welcome_page(visit, join, locale, scheme):
    page = join("Alice", locale=locale, color_scheme=scheme, **AXE)
    page.goto(page.url.split("/rooms/")[0])
    assert violations(page) == []

    page.click("[data-main]")

    assert page.locator(".field__error").count() >= 1
    assert violations(page) == []


@pytest.mark.parametrize(("locale", "scheme"), LOOKS)
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing_in_a_room(join, tmp_path, locale, scheme, width):
    file = tmp_path / "a picture.png"
    file.write_bytes(b"x" * 2000)
    look = {"locale": locale, "color_scheme": scheme}
    alice = join("Alice", viewport={"width": width, "height": 800}, **look, **AXE)
    bob = join("Bob", number="1001")
    say(bob, "Hello `code` https://example.org")
    wait_for_text(alice, "Hello")
    alice.set_input_files("#composer-files", file)
    say(alice, "a file")
    alice.locator(".attachment").wait_for()
    say(alice, "bad \u0007 bell")
    alice.locator("[data-state=failed]").wait_for()

    assert violations(alice) == []
    if width < 1024:
        alice.click("[popovertarget]")
        assert alice.locator("#room-panel").is_visible()
        assert violations(alice) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_overflows_sideways(join, width):
    page = join("Alice", viewport={"width": width, "height": 700}, locale="id-ID")
    say(page, "w" * 300)
    wait_for_text(page, "www")
    say(page, "```\n" + "c" * 300 + "\n```")
    wait_for_text(page, "ccc")
    overflow = "document.documentElement.scrollWidth - innerWidth"

    assert page.evaluate(overflow) <= 0
    page.goto(page.url.split("/rooms/")[0])
    assert page.evaluate(overflow) <= 0


def test_the_keyboard_alone_joins_and_talks(visit):
    page = visit()
    page.focus("#id_name")
    page.keyboard.type("Alice")
    page.keyboard.press("Tab")
    page.keyboard.type("8008")
    page.keyboard.press("Enter")
    page.wait_for_selector("chat-room[data-state=online]")
    page.keyboard.press("Tab")
    page.keyboard.type("Hello")
    page.keyboard.press("Enter")
    wait_for_text(page, "Hello")

    assert page.evaluate("document.activeElement.id") == "composer-body"


def test_the_first_stop_skips_to_the_message_box(join):
    page = join("Alice")
    address = page.url.split("#")[0]
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector("chat-room[data-state=online]")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"

    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "composer-body"


def test_the_log_announces_additions_politely(join):
    page = join("Alice")
    log = page.get_by_role("log")

    assert log.get_attribute("aria-live") == "polite"
    assert log.get_by_role("article").count() == 1
