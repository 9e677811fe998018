import uuid

import pytest

from rooms import actions
from rooms.actions import quotas
from rooms.exceptions import RoomFull
from rooms.models import Attachment
from tests.together import run_together

pytestmark = pytest.mark.django_db(transaction=True)


def test_fifty_at_once_get_no_more_than_there_is(alice, bob, monkeypatch):
    monkeypatch.setattr(quotas, "ROOM_FILES_BYTES", 1000)

    def announcing(number):
        def announce():
            return actions.post_message(
                (alice, bob)[number % 2],
                client_id=uuid.uuid4(),
                body="",
                announced=[actions.announce_file("a", 99)],
            )

        return announce

    answers = run_together(*map(announcing, range(50)))

    refused = [answer for answer in answers if isinstance(answer, RoomFull)]
    assert len(refused) == 40
    assert Attachment.objects.count() == 10
    assert Attachment.objects.bytes() == 990
