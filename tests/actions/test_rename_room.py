import json

from django.db import transaction

from rooms.actions import rename_room
from rooms.models import Message, Room
from tests.conftest import head_of


def test_the_room_has_the_new_name(lounge, backroom):
    rename_room(lounge, "Parlour")

    names = Room.objects.order_by("number").values_list("name", flat=True)
    assert list(names) == ["Parlour", "Charlie's room"]


def test_everyone_in_this_room_hears_of_it_once(bob, lounge, backroom, announced):
    with announced() as heard:
        rename_room(lounge, "Parlour")

    notice = Message.objects.get(notice="renamed")
    assert (notice.author, notice.body) == (None, "Parlour")
    assert notice.change == head_of(lounge)
    assert [(room_id, event.change) for room_id, event in heard] == [
        (lounge.pk, notice.change)
    ]


def test_the_news_carries_the_name(lounge, announced):
    with announced() as heard:
        rename_room(lounge, "<Parlour>")

    fields = json.loads(heard[0][1].texts["en"])
    assert (fields["type"], fields["name"]) == ("room.renamed", "<Parlour>")


def test_the_same_name_again_is_harmless(lounge, nothing_changes):
    rename_room(lounge, "Parlour")

    with nothing_changes():
        rename_room(Room.objects.get(pk=lounge.pk), "Parlour")


def test_nobody_hears_of_a_rollback(lounge, nothing_changes):
    with nothing_changes(), transaction.atomic():
        rename_room(lounge, "Parlour")
        transaction.set_rollback(True)
