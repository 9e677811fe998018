from rooms.actions.ending import end_membership
from rooms.models import Message


def remove_member(membership):
    """Put a member out of the room; the same browser may not come back.

    Everyone in the room hears it, and the member's sockets are closed (4403). What was
    written stays, uploads that are not finished are given up. Repeating it is harmless.
    """
    end_membership(membership, Message.Notice.REMOVED, is_removed=True)
