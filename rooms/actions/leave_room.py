from rooms.actions.ending import end_membership
from rooms.models import Message


def leave_room(membership):
    """End a membership by its member's own wish; its name is free again.

    Everyone in the room hears it, and the member's sockets are closed (4403). Uploads
    that are not finished are given up. Repeating it is harmless.
    """
    end_membership(membership, Message.Notice.LEFT, is_removed=False)
