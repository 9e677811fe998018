"""People at browsers: Debian's Chromium, one context each."""

import shutil

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.lines import DOUBLES, Line, reload_with
from tests.live import processes
from tests.live.conftest import make_server, prepared, server  # noqa: F401 - fixtures
from tests.live.processes import free_port

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP chat.test 127.0.0.1",  # http there is no secure context
]
PATIENCE = 15_000  # ms
OPEN_SOCKET = "chat-room[data-state=online]"


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, server):  # noqa: F811 - the fixture
    """Open the welcome page as another person; page errors fail the test."""
    contexts, errors = [], []

    def open_page(locale="en-GB", path="/", **options):
        context = chromium.new_context(locale=locale, **options)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        context.on("console", lambda message: complain(message, errors))
        page = context.new_page()
        page.goto(server.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def complain(message, errors):
    """Console errors count, but for refusals and outages that a test asked for."""
    planned = ("ERR_", "WebSocket ", "Failed to load resource")
    if message.type == "error" and not any(word in message.text for word in planned):
        errors.append(message.text)


@pytest.fixture
def plain_http(make_server, chromium):  # noqa: F811 - the fixture
    """Alice in a room of a site on plain http, as in a classroom's network."""
    port = free_port()
    site = make_server(port=port, SITE_URL=f"http://chat.test:{port}")
    context = chromium.new_context(base_url=f"http://chat.test:{site.port}")
    page = enter(context.new_page(), "/", "Alice", "1001")
    yield page
    context.close()


@pytest.fixture
def join(visit):
    """Join a room as another person; returns the room page, connected."""

    def join_room(name, number="1001", **options):
        page = visit(**options)
        enter(page, page.url, name, number)
        if options.get("java_script_enabled", True):
            page.wait_for_selector(OPEN_SOCKET)
        return page

    return join_room


def enter(page, address, name, number):
    if page.url != address:
        page.goto(address)
    page.fill("#id_name", name)
    page.fill("#id_number", number)
    page.click("[data-main]")
    page.wait_for_selector("chat-room")
    return page


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


def say(page, text):
    page.fill("#composer-body", text)
    page.press("#composer-body", "Enter")


def texts(page):
    """What the log shows, in order, without notices."""
    return page.locator(".message .message__body").all_inner_texts()


def stripped(page):
    return [text.strip() for text in texts(page)]


def wait_for_text(page, text):
    page.locator(".message[data-state=sent]", has_text=text).wait_for()


def wait_until(page, holds):
    """Until `holds()`; meanwhile the page's news are heard."""
    for _ in range(300):
        if holds():
            return
        page.wait_for_timeout(50)
    raise AssertionError


def fill_room(site, count):
    """Post many messages at once, as a busy evening would."""
    code = (
        "import uuid; from rooms.models import Membership; "
        "from rooms.actions import post_message; "
        "m = Membership.objects.earliest('pk'); "
        f"[post_message(m, client_id=uuid.uuid4(), body=f'message {{n}}') "
        f"for n in range(1, {count + 1})]"
    )
    processes.manage(site.environment, "shell", "-c", code)


def delete_file(site, name):
    """As a moderator would, elsewhere."""
    code = (
        "from rooms.models import Attachment; "
        "from rooms.actions import delete_attachment; "
        f"delete_attachment(Attachment.objects.get(name={name!r}))"
    )
    processes.manage(site.environment, "shell", "-c", code)
