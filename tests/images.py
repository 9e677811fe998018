"""Images for tests: small ones, and those that are made to do harm."""

import io
import struct
import zlib

from PIL import Image

from rooms import actions
from rooms.previews import Preview

SECRET_PLACE = "GPS of Alice"
DESCRIPTION, ORIENTATION = 0x010E, 0x0112


def image(kind="PNG", size=(1200, 600), orientation=1, mode="RGB", **options):
    """Return the bytes of an image that carries EXIF."""
    exif = Image.Exif()
    exif[DESCRIPTION], exif[ORIENTATION] = SECRET_PLACE, orientation
    output = io.BytesIO()
    Image.new(mode, size, "red").save(output, kind, exif=exif, **options)
    return output.getvalue()


def chunk(kind, content):
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def bomb(side=50_000):
    """Return a PNG of some KiB that unpacks to `side` times `side` black pixels."""
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    packer = zlib.compressobj(9)
    rows = packer.compress(bytes(side + 1)) + packer.flush()
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", rows)
        + chunk(b"IEND", b"")
    )


def long_animation(frames=10_000):
    output = io.BytesIO()
    first, second = (Image.new("L", (8, 8), number) for number in (0, 255))
    rest = [second, first] * (frames // 2)
    first.save(output, "GIF", save_all=True, append_images=rest[: frames - 1])
    return output.getvalue()


def opened(content):
    return Image.open(io.BytesIO(content))


def give_preview(attachment, width=40, height=20):
    """Attach a preview that no process had to draw."""
    actions.attach_preview(attachment, Preview(b"small", b"large", width, height))
