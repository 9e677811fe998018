"""What ends at one server ends at the other as well, with Redis and without."""

import time
from types import SimpleNamespace

import psycopg
import pytest
from websockets.exceptions import ConnectionClosed

from tests.live import processes
from tests.live.conftest import two_servers
from tests.live.person import Person

pytestmark = [
    pytest.mark.live,
    pytest.mark.redis,
    pytest.mark.postgresql,
    pytest.mark.xdist_group("postgresql"),
]
PASSWORD = "for a test on loopback"
REMOVED, NO_SUCH_ROOM, SESSION_ENDED = 4403, 4404, 4401
IDS = """
SELECT membership.id, membership.room_id FROM rooms_membership AS membership
WHERE membership.name = %s
"""


def never_looking(port):
    """The command of a server that learns only what it is told."""
    lines = "from chatsite import server; from rooms.live import clock; "
    return ["-c", lines + "clock.TICK_SECONDS = 600; server.main()"]


@pytest.fixture
def told_pair(make_server, postgresql, redis):
    settings = {"DATABASE_URL": postgresql.url, "REDIS_URL": redis.url}
    first, second = two_servers(make_server, settings | {"command": never_looking})
    return SimpleNamespace(first=first, second=second)


class People:
    """Alice of the staff, Bob and Dora in one room, Charlie in another: they ask the
    first server, and their sockets are at the second."""

    def __init__(self, pair, database):
        self.pair, self.database = pair, database
        environment = pair.first.environment | {"DJANGO_SUPERUSER_PASSWORD": PASSWORD}
        account = ["--username", "alice", "--email", "alice@example.org"]
        processes.manage(environment, "createsuperuser", "--no-input", *account)
        numbers = {"Alice": "1001", "Bob": "1001", "Dora": "1001", "Charlie": "2002"}
        for name, number in numbers.items():
            person = Person(pair.first.url, name).join(number)
            setattr(self, name.lower(), person)
        self.ask("/admin/login/", username="alice", password=PASSWORD, next="/admin/")
        for person in (self.alice, self.bob, self.charlie):
            person.connect(pair.second.url)

    def ask(self, path, page_path=None, **fields):
        """Have Alice submit a form of the administration."""
        answer = self.alice.submit(path, page_path or path, data=fields)
        assert answer.status_code == 200, answer.text

    def ids(self, name):
        with psycopg.connect(self.database.url) as connection:
            return connection.execute(IDS, [name]).fetchone()

    def remove_bob(self):
        member_id, _room_id = self.ids("Bob")
        fields = {"action": "remove_members", "_selected_action": member_id}
        self.ask("/admin/rooms/membership/", **fields)

    def delete_charlies_room(self):
        _member_id, room_id = self.ids("Charlie")
        self.ask(f"/admin/rooms/room/{room_id}/delete/", post="yes")

    def log_alice_out(self):
        cookies = self.alice.http.cookies.copy()
        self.ask("/admin/logout/", "/admin/")
        self.alice.http.cookies = cookies

    def assert_ends(self, person, code, within):
        """The person's socket is closed in time, and there is no way back."""
        end = time.monotonic() + within

        with pytest.raises(ConnectionClosed) as closed:
            while True:
                person.listen(end - time.monotonic())
        assert closed.value.rcvd.code == code
        assert self.close_code_again(person) == NO_SUCH_ROOM

    def close_code_again(self, person):
        return person.connect(self.pair.second.url, resume=False).close_code()


def assert_all_end(people, within):
    alice, bob, charlie = people.alice, people.bob, people.charlie

    people.remove_bob()
    people.dora.post_form("not for Bob")
    people.assert_ends(bob, REMOVED, within)
    people.delete_charlies_room()
    people.assert_ends(charlie, NO_SUCH_ROOM, within)
    alice.hear_body("not for Bob")
    people.log_alice_out()
    people.assert_ends(alice, SESSION_ENDED, within)
    people.dora.post_form("not for Alice")

    assert people.close_code_again(alice) == NO_SUCH_ROOM
    assert alice.bodies() == ["not for Bob"]
    assert bob.bodies() == charlie.bodies() == []


def test_they_end_at_once(told_pair, postgresql):
    assert_all_end(People(told_pair, postgresql), within=1)


def test_without_redis_they_end_all_the_same(pair, postgresql):
    people = People(pair, postgresql)
    pair.redis.stop()

    assert_all_end(people, within=10)
