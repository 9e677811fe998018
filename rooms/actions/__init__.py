"""What people can do: one function per verb, and every write of this application.

Each takes its next change number inside its transaction and tells the news after the
commit. Refusals are raised before anything is stored.
"""

from rooms.actions.check_storage import check_storage, which_is_empty
from rooms.actions.delete_attachment import delete_attachment
from rooms.actions.delete_message import delete_message
from rooms.actions.delete_room import delete_room
from rooms.actions.files import announce_file
from rooms.actions.finish_upload import finish_upload
from rooms.actions.give_up_uploads import give_up_uploads
from rooms.actions.housekeep import housekeep
from rooms.actions.join_room import join_room
from rooms.actions.leave_room import leave_room
from rooms.actions.make_previews import attach_preview, make_waiting_preview
from rooms.actions.post_message import Draft, post_message, post_messages
from rooms.actions.receive_chunk import receive_chunk
from rooms.actions.receive_files import receive_file, receive_files
from rooms.actions.remove_member import remove_member
from rooms.actions.rename_room import rename_room

__all__ = [
    "Draft",
    "announce_file",
    "attach_preview",
    "check_storage",
    "delete_attachment",
    "delete_message",
    "delete_room",
    "finish_upload",
    "give_up_uploads",
    "housekeep",
    "join_room",
    "leave_room",
    "make_waiting_preview",
    "post_message",
    "post_messages",
    "receive_chunk",
    "receive_file",
    "receive_files",
    "remove_member",
    "rename_room",
    "which_is_empty",
]
