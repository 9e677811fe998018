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
REMOVAL = "SELECT change FROM rooms_message WHERE notice = 'removed' AND author_id = {}"


class Staff:
    SAID_AFTER_REMOVAL = """
    SELECT said.id FROM rooms_message AS said JOIN rooms_message AS removal
    ON removal.author_id = said.author_id AND removal.notice = 'removed'
    WHERE said.notice = '' AND said.position > removal.position
    """

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
        """Remove a member; return the change number of that."""
        ((id_,),) = self.site.ask(MEMBER_ID.format(member.room, member.name))
        with self._turn:
            self._submit(MEMBERS, action="remove_members", _selected_action=id_)
        ((change,),) = self.site.ask(REMOVAL.format(id_))
        return change

    def _read_token(self, path):
        page = self.http.get(self.url + path, timeout=60)
        return TOKEN.search(page.text)[1]

    def _submit(self, path, **fields):
        fields["csrfmiddlewaretoken"] = self._token
        answer = self.http.post(
            self.url + path, data=fields, timeout=60, allow_redirects=False
        )
        assert answer.status_code == 302, answer.text
