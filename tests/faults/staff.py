"""Somebody of the staff, at the administration's pages."""

import threading
import uuid

import requests

from tests.live import processes
from tests.live.person import TOKEN

PASSWORD = "for a test on loopback"
MEMBERS = "/admin/rooms/membership/"
MEMBER_ID = """
SELECT membership.id FROM rooms_membership AS membership
JOIN rooms_room AS room ON room.id = membership.room_id
WHERE room.public_id = '{}' AND membership.name = '{}'
"""
ROOM_ID = "SELECT id FROM rooms_room WHERE public_id = '{}'"
ENDED = """
SELECT change FROM rooms_message
WHERE notice IN ('left', 'removed') AND author_id = {}
"""
SAID_AFTER_THE_END = """
SELECT said.id FROM rooms_message AS said JOIN rooms_message AS ended
ON ended.author_id = said.author_id AND ended.notice IN ('left', 'removed')
WHERE said.notice = '' AND said.position > ended.position
"""


class Staff:
    def __init__(self, site):
        self.site, self.url = site, site.urls[0]
        self._turn = threading.Lock()
        name = f"staff-{uuid.uuid4()}"
        environment = site.servers[0].environment
        environment = environment | {"DJANGO_SUPERUSER_PASSWORD": PASSWORD}
        arguments = ["--no-input", "--username", name, "--email", "staff@example.org"]
        processes.manage(environment, "createsuperuser", *arguments)
        self.http = requests.Session()
        self._token = self._read_token("/admin/login/")
        self._submit("/admin/login/", username=name, password=PASSWORD)
        self._token = self._read_token(MEMBERS)

    def remove(self, member):
        """Remove a member."""
        ((id_,),) = self.site.ask(MEMBER_ID.format(member.room, member.name))
        with self._turn:
            self._submit(MEMBERS, action="remove_members", _selected_action=id_)

    def delete_room(self, room):
        """Delete a room, given by its public id."""
        ((id_,),) = self.site.ask(ROOM_ID.format(room))
        with self._turn:
            self._submit(f"/admin/rooms/room/{id_}/delete/", post="yes")

    def _read_token(self, path):
        page = self.http.get(self.url + path, timeout=60)
        return TOKEN.search(page.text)[1]

    def _submit(self, path, **fields):
        fields["csrfmiddlewaretoken"] = self._token
        answer = self.http.post(
            self.url + path, data=fields, timeout=60, allow_redirects=False
        )
        assert answer.status_code == 302, answer.text


def leave(site, member):
    """Have a member press "leave" at the first server."""
    page = f"{site.urls[0]}/rooms/{member.room}/"
    with requests.Session() as http:
        http.cookies["sessionid"] = member.session_key
        token = TOKEN.search(http.get(page, timeout=60).text)[1]
        fields = {"csrfmiddlewaretoken": token}
        answer = http.post(
            f"{page}leave/", data=fields, timeout=60, allow_redirects=False
        )
    assert answer.status_code == 302, answer.text


def ended_at(site, member):
    """Return the change number with which the membership ended."""
    ((id_,),) = site.ask(MEMBER_ID.format(member.room, member.name))
    ((change,),) = site.ask(ENDED.format(id_))
    return change
