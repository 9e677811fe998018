import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rooms.actions import delete_message, join_room, leave_room, receive_file
from rooms.models import Attachment
from tests.actions.test_join_room import enter
from tests.conftest import upload
from tests.pages import text_of

LISTS = ["room", "membership", "message", "attachment"]
ROW = re.compile(r'<th class="field-[\w ]+"><a href="/admin/rooms/(\w+)/(\d+)/change/')


def rows_of(response):
    """Return the row numbers that a list shows."""
    assert response.status_code == 200
    return [int(pk) for _model, pk in ROW.findall(text_of(response))]


def look(client, name, **query):
    return client.get(f"/admin/rooms/{name}/", query)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_the_same_however_long(
    owner_client, alice, bob, charlie, post, name
):
    counts = []
    for number in (1, 3):
        for guest in range(number):
            author = join_room(f"9{number}{guest}", "Guest", browser=alice.browser)
            post(author=author.membership, uploads=[upload()])
        with CaptureQueriesContext(connection) as queries:
            look(owner_client, name)
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 12


def test_the_list_of_rooms_counts(owner_client, alice, bob, charlie, post):
    leave_room(bob)
    post(uploads=[upload("a", b"x" * 2048), upload("b", b"x" * 1024)])

    page = text_of(look(owner_client, "room", q="Alice"))

    cells = re.findall(r'<td class="field-(\w+)">(.*?)</td>', page)
    shown = {name: re.sub(r"<[^>]*>", "", cell) for name, cell in cells}
    assert (shown["members"], shown["history"], shown["files"]) == ("1", "4", "2")
    assert shown["total_size"].replace("\xa0", " ") == "3.0 KB"


@pytest.mark.parametrize("name", ["membership", "message", "attachment"])
def test_the_counts_lead_to_the_rows_of_their_room(
    owner_client, alice, bob, charlie, post, name
):
    for author in (alice, charlie):
        post(author=author, uploads=[upload()])
    page = text_of(look(owner_client, "room", q="Charlie"))
    address = re.search(rf'href="(/admin/rooms/{name}/\?[^"]*)"', page)[1]

    shown = text_of(owner_client.get(address.replace("&amp;", "&")))

    assert shown.count("Charlie&#x27;s room</a>") == len(ROW.findall(shown)) > 0
    assert shown.count("Alice&#x27;s room</a>") == 0


@pytest.mark.parametrize(
    ("name", "query", "found"),
    [
        ("room", "Alice's", "room"),
        ("room", "Bob", "room"),
        ("membership", "Bob", "bob"),
        ("message", "needle", "message"),
        ("attachment", "plan.pdf", "attachment"),
        ("message", "100%_", ""),
        ("message", "'\"(((*", ""),
    ],
)
def test_searching(owner_client, alice, bob, charlie, post, name, query, found):
    message = post("A needle", author=bob, uploads=[upload("plan.pdf")])
    post("Hay", author=charlie)
    rows = {
        "room": [bob.room_id],
        "bob": [bob.pk],
        "message": [message.pk],
        "attachment": [message.attachments.get().pk],
        "": [],
    }

    assert rows_of(look(owner_client, name, q=query)) == rows[found]


def test_filtering_members(owner_client, alice, bob, charlie):
    leave_room(bob)

    gone = rows_of(look(owner_client, "membership", left_at__isempty="0"))
    owners = rows_of(look(owner_client, "membership", role__exact="owner"))

    assert (gone, sorted(owners)) == ([bob.pk], sorted([alice.pk, charlie.pk]))


def test_filtering_messages(owner_client, alice, bob, post):
    deleted, kept = post("a"), post("b")
    delete_message(deleted)

    gone = rows_of(look(owner_client, "message", deleted_at__isempty="0"))
    said = rows_of(look(owner_client, "message", notice__exact=""))

    assert gone == [deleted.pk]
    assert kept.pk in said


@pytest.mark.parametrize("name", LISTS)
def test_nothing_is_added_here(owner_client, alice, name):
    assert owner_client.get(f"/admin/rooms/{name}/add/").status_code == 403


@pytest.mark.parametrize("name", LISTS)
def test_what_people_type_is_text(owner_client, alice, post, name):
    dave = enter("6006", "<b id=x>").membership
    post("<b id=x>", author=dave, uploads=[upload("<b id=x>.txt")])

    page = text_of(look(owner_client, name))

    assert page.count("<b id=x>") == 0
    assert page.count("&lt;b id=x&gt;") > 0


@pytest.mark.parametrize("name", LISTS)
def test_every_row_opens(owner_client, alice, bob, charlie, post, name):
    post(uploads=[upload()])

    for pk in rows_of(look(owner_client, name)):
        page = owner_client.get(f"/admin/rooms/{name}/{pk}/change/")
        assert page.status_code == 200
        assert text_of(page).count(f'id="{name}_form"') == 1


def test_filtering_files(owner_client, alice, bob, charlie, post):
    picture, text = post(uploads=[upload("a.png"), upload("b.txt")]).attachments.all()
    Attachment.objects.filter(pk=text.pk).update(state="uploading")

    uploading = rows_of(look(owner_client, "attachment", state__exact="uploading"))
    pictures = rows_of(look(owner_client, "attachment", kind="image"))
    waiting = rows_of(look(owner_client, "attachment", preview__exact="waiting"))

    assert (uploading, pictures, waiting) == ([text.pk], [picture.pk], [picture.pk])


def test_receipts_are_counted_and_named(owner_client, alice, bob, charlie, post):
    file = post(uploads=[upload("a.png")]).attachments.get()
    for member in (bob, enter(name="Dora").membership):
        receive_file(file, member)

    shown = text_of(look(owner_client, "attachment"))
    page = text_of(owner_client.get(f"/admin/rooms/attachment/{file.pk}/change/"))

    assert shown.count('<td class="field-receipts">2</td>') == 1
    assert page.count("Bob, Dora") == 1
