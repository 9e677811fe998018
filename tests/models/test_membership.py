import uuid

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from rooms.models import Membership
from rooms.texts import name_key


def member(room, name, **fields):
    fields = {"browser": uuid.uuid4()} | fields
    return Membership(room=room, name=name, name_key=name_key(name), **fields)


def leave(membership):
    membership.left_at = timezone.now()
    membership.save()


def test_one_membership_per_browser_and_room(bob):
    with pytest.raises(IntegrityError), transaction.atomic():
        member(bob.room, "Robert", browser=bob.browser).save()


def test_one_active_member_per_name(bob):
    with pytest.raises(IntegrityError), transaction.atomic():
        member(bob.room, "BOB").save()


def test_the_name_of_a_former_member_is_free(bob):
    leave(bob)

    member(bob.room, "Bob").save()

    assert [m.name for m in Membership.objects.named("bob")] == ["Bob"]


def test_names_repeat_in_other_rooms(bob, charlie):
    member(charlie.room, "Bob").save()

    assert Membership.objects.filter(name="Bob").count() == 2


def test_active_are_those_who_did_not_leave(alice, bob, charlie):
    leave(bob)

    assert list(Membership.objects.active().order_by("pk")) == [alice, charlie]
    assert [alice.is_active, bob.is_active] == [True, False]


def test_a_browser_has_its_own_places_only(alice, bob, charlie):
    assert list(Membership.objects.of_browser(bob.browser)) == [bob]
    assert list(Membership.objects.of_browser(None)) == []


def test_public_ids_are_random(alice, bob, charlie):
    ids = {membership.public_id for membership in (alice, bob, charlie)}

    assert (len(ids), {len(public_id) for public_id in ids}) == (3, {22})


def test_messages_outlive_an_account(alice, post, django_user_model):
    alice.user = django_user_model.objects.create_user("alice")
    alice.save()
    message = post()

    alice.user.delete()

    message.refresh_from_db()
    assert (message.author, message.author.user) == (alice, None)
