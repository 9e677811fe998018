"""Runs the process that decodes, and takes what it made."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from rooms.limits import (
    PICTURE_SIDE,
    PREVIEW_CPU_SECONDS,
    PREVIEW_MEMORY_BYTES,
    PREVIEW_PIXELS,
    PREVIEW_SECONDS,
    PREVIEW_SIDE,
)

PROGRAM = Path(__file__).with_name("drawing_process.py")
LIMITS = {
    "thumbnail": PREVIEW_SIDE,
    "picture": PICTURE_SIDE,
    "pixels": PREVIEW_PIXELS,
    "memory": PREVIEW_MEMORY_BYTES,
    "cpu": PREVIEW_CPU_SECONDS,
}
KILLED = -9


class Preview(NamedTuple):
    """Two WebP images as bytes, and the size of the original in pixels."""

    thumbnail: bytes
    picture: bytes
    width: int
    height: int


class Unfinished(Exception):
    """The process was ended by others, or had no time: it may be tried again."""


def make_preview(file, kind):
    """Return the Preview of an image, or None when the bytes are no such image or take
    more than the limits.

    `file` is open for reading, `kind` is what it must be, as Pillow calls it. The
    images are turned as EXIF says and carry no metadata. Raises Unfinished.
    """
    with tempfile.TemporaryFile() as output:
        try:
            ended = subprocess.run(  # noqa: S603 - our own program
                [sys.executable, "-I", PROGRAM, kind, json.dumps(LIMITS)],
                stdin=file,
                stdout=output,
                stderr=subprocess.DEVNULL,
                timeout=PREVIEW_SECONDS,
            )
        except subprocess.TimeoutExpired as late:
            raise Unfinished from late
        if ended.returncode == KILLED:
            raise Unfinished
        output.seek(0)
        return read_preview(output) if ended.returncode == 0 else None


def read_preview(output):
    """Read a line of facts and, after it, both images."""
    facts = json.loads(output.readline(1000))
    images = [output.read(size) for size in facts["sizes"]]
    return Preview(*images, facts["width"], facts["height"])
