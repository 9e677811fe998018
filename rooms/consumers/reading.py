"""What browsers send: one JSON object for each frame, and nothing else."""

import json
import uuid

from rooms.exceptions import BadClientId, BadFrame
from rooms.limits import FRAME_BYTES


def unique(pairs):
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("a key stands twice")
    return fields


def refuse_constant(name):
    raise ValueError(f"{name} is no JSON")  # RFC 8259 has no NaN and no Infinity


decoder = json.JSONDecoder(parse_constant=refuse_constant, object_pairs_hook=unique)


def read_frame(text, verbs):
    """Return a browser's frame as a dict whose `type` is one of `verbs`.

    Raises BadFrame for everything else: binary, no JSON, wrong shapes, unknown types.
    """
    if text is None or len(text) > FRAME_BYTES:
        raise BadFrame
    try:
        asked = decoder.decode(text)
    except (ValueError, RecursionError) as mistake:
        raise BadFrame from mistake
    if not isinstance(asked, dict) or not isinstance(asked.get("type"), str):
        raise BadFrame
    if asked["type"] not in verbs:
        raise BadFrame
    return asked


def read_change(asked):
    change = asked.get("change")
    if type(change) is not int or not 0 <= change < 2**62:
        raise BadFrame
    return change


def read_client_id(asked):
    try:
        return uuid.UUID(asked["client_id"])
    except (KeyError, TypeError, ValueError, AttributeError) as mistake:
        raise BadClientId from mistake


def read_files(asked):
    """Return the announced files' names and sizes in bytes, as pairs."""
    files = asked.get("files", [])
    if not isinstance(files, list):
        raise BadFrame
    return [_read_file(file) for file in files]


def _read_file(file):
    if not isinstance(file, dict) or not isinstance(file.get("name"), str):
        raise BadFrame
    size = file.get("size")
    if type(size) is not int or not 0 <= size < 2**62:
        raise BadFrame
    return file["name"], size


def client_id_text(asked):
    """Return the frame's client id to answer with, or None when it is none."""
    try:
        return str(read_client_id(asked))
    except BadClientId:
        return None
