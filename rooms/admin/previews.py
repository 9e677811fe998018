"""What staff may look at without downloading: re-encoded images, the start of texts."""

import io

from django.http import HttpResponse
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from rooms.limits import PREVIEW_PIXELS, PREVIEW_SIDE, PREVIEW_TEXT_BYTES


def preview_response(attachment):
    """Return a small WebP of an image, the first text of a text, or a sentence."""
    image = small_image(attachment) if attachment.is_image else None
    if image:
        response = HttpResponse(image, content_type="image/webp")
    else:
        text = first_text(attachment) or _("There is no preview for this kind of file.")
        response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def first_text(attachment):
    """Return the first bytes of a text, or None for other kinds and missing files."""
    if not attachment.content_type.startswith("text/"):
        return None
    try:
        with attachment.file.open() as file:
            return file.read(PREVIEW_TEXT_BYTES)
    except OSError:
        return None


def small_image(attachment):
    """Return WebP bytes, at most PREVIEW_SIDE pixels wide and high, without EXIF.

    None when the bytes are no image of that type or unpack to too many pixels.
    """
    kind = attachment.content_type.removeprefix("image/")
    try:
        with attachment.file.open() as file, Image.open(file, formats=[kind]) as image:
            if image.width * image.height > PREVIEW_PIXELS:
                return None
            image.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
            output = io.BytesIO()
            image.convert("RGBA").save(output, "WEBP")
    except (OSError, ValueError, UnidentifiedImageError, Image.DecompressionBombError):
        return None
    return output.getvalue()
