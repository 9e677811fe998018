from rooms.models import Membership
from tests.conftest import client_of


def leave(client, room):
    return client.post(f"/rooms/{room.public_id}/leave/")


def test_a_member_leaves(bob, bob_client, lounge):
    response = leave(bob_client, lounge)

    assert (response.status_code, response["Location"]) == (302, "/")
    assert not Membership.objects.get(pk=bob.pk).is_active


def test_everyone_in_this_room_hears_of_it_once(bob_client, charlie, lounge, announced):
    with announced() as heard:
        leave(bob_client, lounge)

    assert [(room_id, event.change) for room_id, event in heard] == [(lounge.pk, 3)]


def test_leaving_twice_is_harmless(bob_client, lounge, nothing_changes):
    leave(bob_client, lounge)

    with nothing_changes():
        response = leave(bob_client, lounge)

    assert response.status_code == 404


def test_the_room_is_closed_to_who_left(bob_client, lounge):
    leave(bob_client, lounge)

    assert bob_client.get(f"/rooms/{lounge.public_id}/").status_code == 404


def test_nobody_leaves_for_others(charlie_client, bob, lounge, nothing_changes):
    with nothing_changes():
        response = leave(charlie_client, lounge)

    assert response.status_code == 404


def test_one_browser_leaves_one_room(bob, charlie_client, charlie, lounge):
    leave(client_of(bob), lounge)

    assert Membership.objects.get(pk=charlie.pk).is_active
