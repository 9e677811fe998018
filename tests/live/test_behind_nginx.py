"""What docker-compose.yml's nginx does with answers, in front of two servers."""

import os

import pytest

from tests.live.person import Person
from tests.live.test_files import post_file

pytestmark = [
    pytest.mark.live,
    pytest.mark.nginx,
    pytest.mark.redis,
    pytest.mark.postgresql,
    pytest.mark.xdist_group("postgresql"),
]
MIB = 1024 * 1024


@pytest.fixture
def people(behind_nginx):
    """Alice and Bob in one room, Charlie in another."""
    places = [("Alice", "1001"), ("Bob", "1001"), ("Charlie", "2002")]
    return [
        Person(behind_nginx.nginx.url, name).join(number) for name, number in places
    ]


def test_messages_reach_everybody_once(people):
    alice, bob, _charlie = people
    for person in (alice, bob):
        person.connect()

    for number in range(10):
        alice.post(f"message {number}")

    for person in (alice, bob):
        person.hear_body("message 9")
        assert len([e for e in person.seen.values() if "message " in e["html"]]) == 10


def test_files_are_given_by_nginx_to_members_only(people, behind_nginx):
    alice, bob, charlie = people
    content = os.urandom(3 * MIB)
    path, _position = post_file(alice, "a <b>.html", content)

    whole = bob.get(path)
    part = bob.get(path, headers={"Range": "bytes=1000000-1000009"})
    known = bob.get(path, headers={"If-None-Match": whole.headers["ETag"]})
    stored = next((behind_nginx.data_dir / "media" / "files").glob("*/*"))
    stolen = bob.get(f"/protected/files/{stored.parent.name}/{stored.name}")
    strangers = [charlie.get(path), charlie.get(path + "x")]

    assert whole.content == content
    assert whole.headers["Server"] == "nginx"
    assert "sandbox" in whole.headers["Content-Security-Policy"]
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    assert whole.headers["Content-Type"] == "application/octet-stream"
    assert whole.headers["Content-Disposition"].startswith("attachment; filename=")
    assert (part.status_code, part.content) == (206, content[1000000:1000010])
    assert (known.status_code, known.content) == (304, b"")
    assert [answer.status_code for answer in [stolen, *strangers]] == [404, 404, 404]
