import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from rooms import actions
from rooms.models import Attachment, Membership
from rooms.views import shelf
from tests.actions.test_join_room import enter
from tests.conftest import client_of, upload
from tests.images import give_preview
from tests.pages import attribute, text_of
from tests.uploading import announce

NAME = re.compile(r'class="shelf-file__name"[^>]*><bdi>(.*?)</bdi>')
TOP = re.compile(r'</details>\s*</li>|class="shelf-file__older"')


@pytest.fixture
def look(bob_client, lounge):
    """A function that returns the page, as bob sees it."""

    def see(client=bob_client, language="en", **query):
        headers = {"accept-language": language}
        path = f"/rooms/{lounge.public_id}/files/"
        response = client.get(path, query, headers=headers)
        assert response.status_code == 200
        return text_of(response)

    return see


@pytest.fixture
def files(alice, bob, charlie, post):
    """Files of different names, sizes, kinds and senders, oldest first."""
    post(author=charlie, uploads=[upload("secret.txt")])
    post(author=alice, uploads=[upload("b.png", b"x" * 30), upload("C.mp3", b"x" * 10)])
    post(
        author=bob, uploads=[upload("a.txt", b"x" * 20), upload("100%_.zip", b"x" * 5)]
    )
    return list(Attachment.objects.filter(room=alice.room))


def names(page):
    return NAME.findall(page)


def test_the_newest_come_first(look, files):
    assert names(look()) == ["100%_.zip", "a.txt", "C.mp3", "b.png"]


@pytest.mark.parametrize(
    ("sort", "shown"),
    [
        ("newest", ["100%_.zip", "a.txt", "C.mp3", "b.png"]),
        ("oldest", ["b.png", "C.mp3", "a.txt", "100%_.zip"]),
        ("name", ["100%_.zip", "a.txt", "b.png", "C.mp3"]),
        ("largest", ["b.png", "a.txt", "C.mp3", "100%_.zip"]),
        ("smallest", ["100%_.zip", "C.mp3", "a.txt", "b.png"]),
        ("type", ["100%_.zip", "C.mp3", "b.png", "a.txt"]),
        ("nonsense", ["100%_.zip", "a.txt", "C.mp3", "b.png"]),
    ],
)
def test_sorting(look, files, sort, shown):
    assert names(look(sort=sort)) == shown


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("image", ["b.png"]),
        ("audio", ["C.mp3"]),
        ("video", []),
        ("text", ["a.txt"]),
        ("other", ["100%_.zip"]),
    ],
)
def test_one_kind(look, files, kind, shown):
    assert names(look(kind=kind)) == shown
    assert [file.name for file in files if file.kind == kind] == shown


def test_one_member(look, files, alice):
    assert names(look(member=alice.public_id)) == ["C.mp3", "b.png"]


@pytest.mark.parametrize(
    ("q", "shown"),
    [
        ("a.", ["a.txt"]),
        ("A.T", ["a.txt"]),
        ("%", ["100%_.zip"]),
        ("_", ["100%_.zip"]),
        ("%_.", ["100%_.zip"]),
        ("a%t", []),
        ("secret", []),
        ("'\"(((*", []),
        ("x" * 151, ["100%_.zip", "a.txt", "C.mp3", "b.png"]),
        ("a\x00", ["100%_.zip", "a.txt", "C.mp3", "b.png"]),
    ],
)
def test_a_search_means_what_it_says(look, files, q, shown):
    assert names(look(q=q)) == shown


def test_wishes_go_together(look, files, bob):
    page = look(q="1", kind="other", member=bob.public_id, sort="name")

    assert names(page) == ["100%_.zip"]
    assert attribute(page, "value") == "1" or page.count('value="1"') > 0


def test_only_senders_of_this_room_are_offered(look, files, bob, charlie):
    enter(name="Dave")
    actions.leave_room(bob)

    page = look(client_of(Membership.objects.get(name="Alice")))

    options = re.findall(r'<option value="([\w-]{22})"', page)
    assert len(options) == 2
    assert charlie.public_id not in options


def test_versions_of_a_name_are_together_newest_first(look, files, bob, post):
    for size in (1, 2):
        post(author=bob, uploads=[upload("b.png", b"x" * size)])

    page = look()

    assert names(page) == ["b.png", "b.png", "b.png", "100%_.zip", "a.txt", "C.mp3"]
    sizes = re.findall(r'__facts">(\d+)\xa0bytes?', page)
    assert sizes[:3] == ["2", "1", "30"]
    assert page.count("2 older versions") == 1


def test_what_is_on_its_way_hides_no_version_that_is_there(look, files, alice):
    announce(alice, 5, name="a.txt")

    page = look(q="a.txt")

    assert names(page) == ["a.txt", "a.txt"]
    assert page.index("20\xa0bytes") < page.index("<strong>Uploading</strong>")


def test_of_many_versions_some_are_shown(look, bob, post, monkeypatch):
    monkeypatch.setattr(shelf, "SHELF_VERSIONS", 2)
    for _version in range(5):
        post(author=bob, uploads=[upload("a")])

    assert names(look()) == ["a", "a"]


def test_pages(look, files, monkeypatch):
    monkeypatch.setattr(shelf, "SHELF_PAGE", 3)

    first, last = look(sort="name"), look(sort="name", page="2")

    assert names(first) + names(last) == ["100%_.zip", "a.txt", "b.png", "C.mp3"]
    assert attribute(first.split('rel="next"')[1], "href") == "?sort=name&page=2"
    assert attribute(last.split('rel="prev"')[1], "href") == "?sort=name&page=1"


@pytest.mark.parametrize("page", ["0", "-1", "99", "x", "9" * 5000])
def test_pages_that_are_none_are_the_first_or_last(look, files, page):
    assert len(names(look(page=page))) == 4


def test_what_is_uploading_is_shown_as_such(look, alice, bob):
    file = actions.announce_file("big.zip", 5_000_000)
    actions.post_message(alice, client_id=uuid.uuid4(), body="", announced=[file])

    page = look()

    assert names(page) == ["big.zip"]
    assert page.count("<strong>Uploading</strong>") == 1
    assert page.count('type="checkbox"') == page.count(f"{file.public_id}/") == 0


def test_ticked_files_go_into_the_zip(look, files, lounge):
    page = look()

    action = f'action="/rooms/{lounge.public_id}/files.zip"'
    assert page.count(f'id="zip" method="get" {action}') == 1
    ticks = re.findall(r'type="checkbox" name="file" value="([\w-]+)" form="zip"', page)
    assert sorted(ticks) == sorted(file.public_id for file in files)


def test_space_used_and_left(look, files, settings, monkeypatch):
    monkeypatch.setattr(shelf, "ROOM_FILES_BYTES", 100)
    monkeypatch.setattr(shelf, "MEMBER_FILES_BYTES", 50)

    page = look().replace("\xa0", " ")

    assert re.findall(r"(\d+) bytes used, (\d+) bytes left", page) == [
        ("65", "35"),
        ("25", "25"),
    ]
    assert re.findall(r'max="(\d+)" value="(\d+)"', page) == [
        ("100", "65"),
        ("50", "25"),
    ]


def test_pictures_are_shown_small(look, files, lounge):
    file = next(file for file in files if file.name == "b.png")
    give_preview(file, 2000, 1000)

    page = look(language="id")

    source = f"/rooms/{lounge.public_id}/files/{file.public_id}/thumbnail/"
    assert page.count(f'src="{source}"') == 1
    assert page.count('width="2000" height="1000"') == 1


def test_names_are_text(look, bob, post):
    post(author=bob, uploads=[upload("<b id=x>.txt")])

    page = look()

    assert page.count("<b id=x>") == 0
    assert page.count("&lt;b id=x&gt;.txt") > 0


@pytest.mark.parametrize("filters", [{}, {"q": "a", "kind": "image", "sort": "name"}])
def test_it_costs_the_same_however_much_there_is(look, bob, post, filters):
    counts = []
    for number in (1, 3):
        for index in range(number):
            author = enter(name=f"Guest {number}{index}").membership
            uploads = [upload(f"a{number}{index}.png"), upload("a.png")]
            for file in post(author=author, uploads=uploads).attachments.all():
                give_preview(file)
        with CaptureQueriesContext(connection) as queries:
            look(**filters)
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 10


def test_a_search_that_finds_nothing_leads_back(look, files, lounge):
    page = look(q="nothing like it")

    assert page.count("No file is like that.") == 1
    assert page.count(f'<a href="/rooms/{lounge.public_id}/files/">Show all</a>') == 1


def test_a_zip_of_all_says_when_it_is_not_all(look, files, monkeypatch):
    monkeypatch.setattr(shelf, "ZIP_FILES", 3)

    assert look().count("the newest 2000 of the room when you tick none") == 1


def test_an_empty_room_has_none(look, bob):
    page = look()

    assert (names(page), page.count('id="zip"')) == ([], 0)


def test_the_room_leads_here(bob_client, lounge):
    room = text_of(bob_client.get(f"/rooms/{lounge.public_id}/"))

    assert room.count(f'href="/rooms/{lounge.public_id}/files/"') == 1


def test_times_are_for_machines_too(look, files):
    newest = timezone.localtime(files[-1].uploaded_at)

    assert attribute(look(), "datetime") == newest.isoformat()
