"""What staff may look at without downloading: stored thumbnails, the start of texts."""

from django.http import HttpResponse
from django.utils.translation import gettext as _

from rooms.limits import PREVIEW_TEXT_BYTES
from rooms.models import Attachment


def preview_response(attachment):
    """Return the thumbnail of an image, the first text of a text, or a sentence."""
    if attachment.has_preview and (image := bytes_of(attachment.thumbnail)):
        response = HttpResponse(image, content_type="image/webp")
    else:
        text = first_text(attachment) or sentence(attachment)
        response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def first_text(attachment):
    """Return the first bytes of a text, or None for other kinds and missing files."""
    if not attachment.is_ready or not attachment.content_type.startswith("text/"):
        return None
    return bytes_of(attachment.file, PREVIEW_TEXT_BYTES)


def bytes_of(stored, most=-1):
    """Return the first bytes of a stored file, all when -1; None when it is missing."""
    try:
        with stored.open() as file:
            return file.read(most)
    except OSError:
        return None


def sentence(attachment):
    if attachment.preview == Attachment.Preview.WAITING:
        return _("The preview is being made.")
    return _("There is no preview for this kind of file.")
