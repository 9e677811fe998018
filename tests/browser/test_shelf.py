"""The page of a room's files: looks, keyboard, no scripts; and nothing in it runs."""

import zipfile

import pytest

from tests.browser.test_accessibility import AXE, LOOKS, violations
from tests.images import image
from tests.live.person import Person

pytestmark = [pytest.mark.live, pytest.mark.browser]
SCRIPT = "document.cookie;window.ran=1;fetch('/ran')"
SCRIPTED = f"<script>{SCRIPT}</script>"
HOSTILE = {
    "page.html": SCRIPTED,
    "image.svg": "<svg xmlns='http://www.w3.org/2000/svg' onload='window.ran=1'/>",
    "page.xhtml": f"<html xmlns='http://www.w3.org/1999/xhtml'>{SCRIPTED}</html>",
    "image.png": f"<html>{SCRIPTED}</html>",
    "text.txt": f"<html>{SCRIPTED}</html>",
    "paper.pdf": "%PDF-1.4 /OpenAction << /S /JavaScript /JS (app.alert(1)) >>",
    "both.gif": f"GIF89a/*{SCRIPTED}*/=1",
}


@pytest.fixture
def dora(server):
    """Another member, who sends files."""
    return Person(server.url, "Dora").join("1001")


@pytest.fixture
def shelf(join, dora):
    """Open the page with some files, as another person."""
    long = "a long name " + "x" * 80 + ".txt"
    dora.post_form("", files=[("photo.png", image()), ("plan.pdf", b"1")])
    dora.post_form("", files=[("plan.pdf", b"22"), (long, b"333")])

    def open_shelf(**options):
        page = join("Alice", **options)
        page.goto(page.url.split("#")[0] + "files/")
        return page

    return open_shelf


@pytest.mark.parametrize(("locale", "scheme"), LOOKS)
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_and_nothing_overflows(shelf, locale, scheme, width):
    look = {"locale": locale, "color_scheme": scheme, **AXE}
    page = shelf(viewport={"width": width, "height": 800}, **look)
    page.locator(".shelf-file__older > summary").click()

    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_keyboard_deletes_after_a_second_thought(visit, dora, server):
    dora.post_form("", files=[("mine.txt", b"mine")])
    page = visit()
    cookies = [{"name": c.name, "value": c.value} for c in dora.http.cookies]
    page.context.add_cookies([cookie | {"url": server.url} for cookie in cookies])
    page.goto(f"{server.url}{dora.page_path}files/")

    page.locator(".shelf-file__delete summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    page.locator(".shelf__none").wait_for()
    assert page.locator(".shelf-file").count() == 0


def test_it_works_without_scripts(shelf):
    page = shelf(java_script_enabled=False)
    page.fill("#id_q", "PLAN")
    page.select_option("#id_kind", "other")
    page.locator(".shelf__filter button").click()
    assert page.locator(".shelf-file__name").all_inner_texts()[0] == "plan.pdf"
    page.locator(".shelf-file__older > summary").click()

    for box in page.locator("[name=file]").all():
        box.check()
    with page.expect_download() as download:
        page.locator(".shelf__zip button").click()

    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.namelist() == ["plan.pdf", "plan (2).pdf"]


def test_nothing_in_a_file_runs(shelf, dora, server):
    dora.post_form("", files=list(HOSTILE.items()))
    page = shelf()
    asked = []
    page.context.on("request", lambda request: asked.append(request.url))
    links = page.locator(".shelf-file__name").evaluate_all(
        "links => links.map((link) => [link.innerText, link.href])"
    )

    for name, address in links:
        if name not in HOSTILE:
            continue
        with page.expect_download() as download:
            page.evaluate("(url) => { location.href = url; }", address)
        assert download.value.suggested_filename == name
        assert page.evaluate("window.ran") is None
    assert not [url for url in asked if url.endswith("/ran")]


def test_times_are_the_readers_own(shelf):
    page = shelf(locale="id-ID", timezone_id="Asia/Jakarta")

    time = page.locator(".shelf-file time").first
    own = page.evaluate(
        "time => new Date(time).toLocaleTimeString('id', {timeStyle: 'short'})",
        time.get_attribute("datetime"),
    )

    assert own in time.text_content()
