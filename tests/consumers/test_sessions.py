"""A socket ends with its session, or with the account that its session belongs to."""

import datetime

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.utils import timezone

from rooms.access import SESSION_KEY
from tests.conftest import client_of
from tests.hub.conftest import until

pytestmark = pytest.mark.django_db(transaction=True)


def log_out(client, user):
    client.post("/admin/logout/")


def disable(client, user):
    user.is_active = False
    user.save()


def change_password(client, user):
    user.set_password("another")
    user.save()


def delete_account(client, user):
    user.delete()


def delete_session(client, user):
    Session.objects.get(pk=client.session.session_key).delete()


def member_with_account(member):
    user = get_user_model().objects.create_user("bobby", is_staff=True)
    client = client_of(member)
    client.force_login(user)
    session = client.session
    session[SESSION_KEY] = str(member.browser)
    session.save()
    return client, user


@pytest.mark.parametrize(
    "end", [log_out, disable, change_password, delete_account, delete_session]
)
async def test_it_ends_at_once(alice, bob, enter, end):
    client, user = await sync_to_async(member_with_account)(bob)
    alices, bobs = await enter(alice), await enter(bob, client=client)

    await sync_to_async(end)(client, user)

    assert await bobs.hear_close() == 4401
    assert await alices.hears_nothing()


async def test_it_ends_when_the_session_expires(alice, bob, enter):
    bobs = await enter(bob)

    await sync_to_async(Session.objects.update)(
        expire_date=timezone.now() - datetime.timedelta(seconds=1)
    )
    await until(lambda: bobs.output_queue.qsize(), 12)

    assert await bobs.hear_close() == 4401


async def test_a_login_elsewhere_changes_nothing(bob, enter):
    client, user = await sync_to_async(member_with_account)(bob)
    bobs = await enter(bob, client=client)

    user.last_login = timezone.now()
    await sync_to_async(user.save)(update_fields=["last_login"])
    user.first_name = "Bob"
    await sync_to_async(user.save)()

    assert await bobs.hears_nothing()


@pytest.mark.parametrize("end", [disable, change_password, delete_account])
def test_its_pages_end_too(bob, end):
    client, user = member_with_account(bob)
    page = f"/rooms/{bob.room.public_id}/"
    assert client.get(page).status_code == 200

    end(client, user)

    assert client.get(page).status_code in {302, 404}
    assert client.get(page).status_code in {302, 404}
