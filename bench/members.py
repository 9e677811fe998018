"""python -m bench.members FILE: rooms full of members, straight into the database.

FILE is JSON, {name: [rooms, members in each]}. Standard output is JSON too: {name: [per
member, room by room: the room's place in the list, its public id and epoch, and the
session key]}. Nobody has posted there: the change to resume from is 0.
"""

import json
import os
import secrets
import sys
import uuid
from pathlib import Path

import django

BATCH = 500


def make_members(wanted):
    from django.contrib.sessions.models import Session  # noqa: PLC0415

    from rooms.models import Membership, Room, RoomCounter  # noqa: PLC0415

    rooms, memberships, sessions, lists = [], [], [], {}
    for name, (room_count, member_count) in wanted.items():
        members = lists[name] = []
        for place in range(room_count):
            room = Room(number=str(secrets.randbelow(10**20)), name="Bench")
            rooms.append(room)
            for number in range(member_count):
                browser = uuid.uuid4()
                session = new_session(browser)
                sessions.append(session)
                memberships.append(new_membership(room, browser, f"Member {number}"))
                key = session.session_key
                members.append([place, room.public_id, room.epoch, key])
    Room.objects.bulk_create(rooms, BATCH)
    RoomCounter.objects.bulk_create([RoomCounter(room=room) for room in rooms], BATCH)
    Membership.objects.bulk_create(memberships, BATCH)
    Session.objects.bulk_create(sessions, BATCH)
    return lists


def new_session(browser):
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415
    from django.contrib.sessions.models import Session  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from rooms.access import SESSION_KEY  # noqa: PLC0415

    return Session(
        session_key=secrets.token_hex(16),
        session_data=SessionStore().encode({SESSION_KEY: str(browser)}),
        expire_date=timezone.now() + timezone.timedelta(days=1),
    )


def new_membership(room, browser, name):
    from rooms.models import Membership  # noqa: PLC0415
    from rooms.texts import name_key  # noqa: PLC0415

    return Membership(room=room, browser=browser, name=name, name_key=name_key(name))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    wanted = json.loads(Path(sys.argv[1]).read_text())
    json.dump(make_members(wanted), sys.stdout)
