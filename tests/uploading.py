"""Files that have begun to come, without HTTP around them."""

import uuid

from rooms import actions
from rooms.chunks import Chunk


def announce(author, size, name="a.bin", body=""):
    """Post a message with a file that has no bytes yet; return the attachment."""
    file = actions.announce_file(name, size)
    actions.post_message(author, client_id=uuid.uuid4(), body=body, announced=[file])
    return file


def receive(file, offset, data, **more):
    """Have bytes come for an attachment; return its offset afterwards."""
    return actions.receive_chunk(file, offset, Chunk.of(data), **more)
