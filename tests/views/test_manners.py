"""What holds for every address: methods, tokens, headers, cookies."""

import pytest
from django.test import Client

from tests.conftest import client_of, upload
from tests.images import give_preview
from tests.pages import text_of

POLICY = {
    "default-src 'self'",
    "img-src 'self' data: blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
}
SANDBOX = {"default-src 'none'", "sandbox"}
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
ALLOWED = {
    "/": {"GET", "HEAD", "POST"},
    "/health/": {"GET", "HEAD"},
    "/rooms/{room}/": {"GET", "HEAD"},
    "/rooms/{room}/leave/": {"POST"},
    "/rooms/{room}/messages/": {"POST"},
    "/rooms/{room}/files/": {"GET", "HEAD"},
    "/rooms/{room}/files.zip": {"GET", "HEAD"},
    "/rooms/{room}/files/{file}/": {"GET", "HEAD"},
    "/rooms/{room}/files/{file}/thumbnail/": {"GET", "HEAD"},
    "/rooms/{room}/files/{file}/picture/": {"GET", "HEAD"},
    "/rooms/{room}/files/{file}/received/": {"POST"},
    "/rooms/{room}/files/{file}/delete/": {"POST"},
    "/rooms/{room}/uploads/": {"OPTIONS", "POST"},
    "/rooms/{room}/uploads/{file}/": {"OPTIONS", "HEAD", "PATCH", "DELETE"},
}
WRITES = ["/", "/rooms/{room}/leave/", "/rooms/{room}/messages/", "/language/setlang/"]
WRITES += ["/admin/login/", "/rooms/{room}/files/{file}/received/"]
WRITES += ["/rooms/{room}/files/{file}/delete/"]
BYTES = ("files/{file}/", "/thumbnail/", "/picture/", "files.zip")


@pytest.fixture
def filled(alice, bob, charlie, post):
    """A function that fills in the lounge's ids."""
    file = post(uploads=[upload("a.png")]).attachments.get()
    give_preview(file)

    def fill_in(path):
        return path.format(room=alice.room.public_id, file=file.public_id)

    return fill_in


@pytest.mark.parametrize(
    ("path", "method"),
    [(path, m) for path in ALLOWED for m in METHODS if m not in ALLOWED[path]],
)
def test_other_methods_are_not_allowed(
    bob_client, filled, nothing_changes, path, method
):
    with nothing_changes():
        response = bob_client.generic(method, filled(path))

    assert response.status_code == 405
    assert set(response["Allow"].split(", ")) == ALLOWED[path]


@pytest.mark.parametrize("token", [None, "x", "y" * 32])
@pytest.mark.parametrize("path", WRITES)
def test_without_the_pages_token_nothing_happens(
    bob, filled, nothing_changes, path, token
):
    client = client_of(bob, enforce_csrf_checks=True)
    client.get("/")
    fields = {"csrfmiddlewaretoken": token} if token else {}

    with nothing_changes():
        response = client.post(filled(path), fields | {"name": "Dave", "number": "7"})

    assert response.status_code == 403
    assert text_of(response).count("That form is out of date") > 0


def test_the_token_of_another_browser_is_none(bob, filled, nothing_changes):
    client = client_of(bob, enforce_csrf_checks=True)
    client.get("/")
    other = Client()
    token = other.get("/").cookies["csrftoken"].value

    with nothing_changes():
        response = client.post(
            filled("/rooms/{room}/leave/"), {"csrfmiddlewaretoken": token}
        )

    assert response.status_code == 403


def test_with_the_pages_token_it_happens(bob, filled):
    client = client_of(bob, enforce_csrf_checks=True)
    token = client.get("/").cookies["csrftoken"].value

    response = client.post(
        filled("/rooms/{room}/leave/"), {"csrfmiddlewaretoken": token}
    )

    assert (response.status_code, response["Location"]) == (302, "/")


@pytest.mark.parametrize("path", [*ALLOWED, "/nowhere/", "/admin/login/"])
def test_every_answer_carries_the_guards(bob_client, filled, path):
    response = bob_client.get(filled(path))

    policy = set(response["Content-Security-Policy"].split("; "))
    assert policy == (SANDBOX if path.endswith(BYTES) else POLICY)
    wanted = {
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    assert {name: response.headers.get(name) for name in wanted} == wanted


@pytest.mark.parametrize("path", ["/", "/rooms/{room}/", "/rooms/{room}/files/{file}/"])
def test_private_pages_are_not_kept(bob_client, filled, path):
    response = bob_client.get(filled(path))

    kept = {part.strip() for part in response["Cache-Control"].split(",")}
    assert {"private", "no-store"} - kept == set()
    assert "Cookie" in response["Vary"]


@pytest.mark.parametrize("path", ["/", "/rooms/{room}/"])
def test_pages_have_nothing_inline(bob_client, filled, path):
    page = text_of(bob_client.get(filled(path)))

    assert page.count("<style") == page.count(" style=") == page.count(" onclick") == 0
    assert page.count("<script") == page.count('<script type="module" src="') == 1


def test_cookies_are_for_this_site_only(stranger_client, alice):
    response = stranger_client.post("/", {"name": "Dave", "number": "1001"})
    cookies = stranger_client.get("/").cookies | response.cookies

    for name in ("sessionid", "csrftoken"):
        cookie = cookies[name]
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
        assert (cookie["domain"], cookie["path"]) == ("", "/")


def test_a_visitor_who_only_looks_gets_no_session(db, stranger_client):
    assert set(stranger_client.get("/").cookies) == {"csrftoken"}


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "a b"])
def test_other_host_names_are_refused(alice, stranger_client, host):
    response = stranger_client.get("/", headers={"host": host})

    assert (response.status_code, text_of(response).count(host)) == (400, 0)
