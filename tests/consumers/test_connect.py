import pytest
from asgiref.sync import sync_to_async

from rooms.actions import delete_room, leave_room, remove_member
from rooms.limits import SOCKETS_PER_MEMBER
from rooms.models import Room

pytestmark = pytest.mark.django_db(transaction=True)
SITE = "https://chat.example.org"
NOT_OURS = [
    [],
    ["null"],
    ["https://evil.example"],
    ["http://testserver.evil.example"],
    ["http://evil-testserver"],
    ["http://testserver:8000"],
    ["https://testserver"],
    ["HTTP://TESTSERVER"],
    ["http://good@testserver"],
    ["http://testserver/"],
    ["file://"],
    ["http://[::1"],
    ["http://testserver:99999"],
    ["http://testserver", "http://testserver"],
    ["http://testserver", "https://evil.example"],
    ["http://testserver\x0b"],
    [""],
]


async def test_a_member_is_let_in(bob, open_tab):
    _tab, accepted = await open_tab(bob)

    assert accepted is True


@pytest.mark.parametrize("origins", NOT_OURS, ids=str)
async def test_pages_of_other_sites_are_turned_away(bob, open_tab, origins):
    _tab, result = await open_tab(bob, origins=origins)

    assert result == 1000  # closed before it was accepted: HTTP 403


@pytest.mark.parametrize(
    ("origin", "result"),
    [
        (SITE, True),
        ("http://chat.example.org", 1000),
        (f"{SITE}:443", 1000),
        (f"{SITE}:8443", 1000),
        (f"{SITE}.evil.example", 1000),
        ("http://testserver", 1000),
    ],
)
async def test_only_the_sites_own_address_counts(
    bob, open_tab, settings, origin, result
):
    settings.SITE_ORIGIN = SITE

    _tab, accepted = await open_tab(bob, origins=[origin])

    assert accepted == result


@pytest.mark.parametrize("host", ["evil.example", "[::1", "test server", ""])
async def test_hosts_that_are_not_ours_are_turned_away(bob, open_tab, host):
    _tab, result = await open_tab(bob, host=host, origins=[f"http://{host}"])

    assert result == 1000


@pytest.mark.parametrize("path", ["/", "/socket/", "/rooms/x/", "/rooms/x/socket"])
async def test_wrong_paths_are_turned_away(bob, open_tab, path):
    _tab, result = await open_tab(bob, path=path)

    assert result == 1000


async def test_whoever_is_no_member_gets_no_room(alice, charlie, open_tab):
    tab, _accepted = await open_tab(charlie, room=alice.room)

    assert await tab.hear_close() == 4404


async def test_a_room_that_does_not_exist_is_the_same(alice, charlie, open_tab):
    tab, _accepted = await open_tab(charlie, room=Room(public_id="x" * 22))

    assert await tab.hear_close() == 4404


async def test_a_stranger_gets_no_room(alice, open_tab):
    tab, _accepted = await open_tab(None, room=alice.room)

    assert await tab.hear_close() == 4404


@pytest.mark.parametrize("ending", [leave_room, remove_member])
async def test_a_former_member_gets_no_room(bob, open_tab, ending):
    await sync_to_async(ending)(bob)

    tab, _accepted = await open_tab(bob)

    assert await tab.hear_close() == 4404


async def test_a_deleted_room_closes_its_sockets(alice, bob, charlie, enter):
    bobs, charlies = await enter(bob), await enter(charlie)

    await sync_to_async(delete_room)(await Room.objects.aget(pk=bob.room_id))

    assert await bobs.hear_close() == 4404
    assert await charlies.hears_nothing()


async def test_of_too_many_tabs_the_one_silent_for_longest_is_closed(bob, enter):
    tabs = [await enter(bob) for _ in range(SOCKETS_PER_MEMBER)]
    await tabs[0].say("heartbeat")
    assert await tabs[0].hears_nothing()

    tabs.append(await enter(bob))

    assert await tabs[1].hear_close() == 4409
    assert await tabs[0].hears_nothing()
    assert await tabs[-1].hears_nothing()


async def test_tabs_that_were_closed_do_not_count(bob, enter):
    for _ in range(SOCKETS_PER_MEMBER + 2):
        tab = await enter(bob)
        await tab.disconnect()

    await enter(bob)
