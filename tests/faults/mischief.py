"""What a member can send who means harm: section by section of RFC 6455 and of us."""

import json
import os
import random
import struct
import uuid
import zlib

MIB = 1024 * 1024
TEXT, BINARY, CLOSE, PING, PONG = 0x81, 0x82, 0x88, 0x89, 0x8A
PLAIN_HTTP = "plain http"
NO_FRAMES = [
    "", "{", "[1]", "null", "1", '"x"', "NaN", '{"type": NaN}', "[" * 60_000,
    "9" * 5_000, '{"type": {}}', '{"type": "dance"}', "{}", '{"type": "resume"}',
    '{"type": "post", "type": "post"}', '{"type": "post"}',
    '{"type": "post", "client_id": "no", "body": ["x"]}',
    '{"type": "resume", "change": -1}', '{"type": "resume", "change": 1e400}',
]  # fmt: skip
NO_ID = '{"type": "post", "client_id": "no", "body": "x"}'
BAD_TEXTS = [
    ("\ud800", "unreadable_text"), ("a\x00b", "unreadable_text"),
    ("a\ufffeb", "unreadable_text"), ("a\uffffb", "unreadable_text"),
    (" \n", "empty"), ("x" * 4001, "too_long"),
]  # fmt: skip


def framed(payload=b"", first=TEXT, *, size=None):
    """Return a masked frame (RFC 6455, 5.2); `size` may claim more than there is."""
    size = len(payload) if size is None else size
    head = bytes([first])
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 65536:
        head += b"\xfe" + struct.pack("!H", size)
    else:
        head += b"\xff" + struct.pack("!Q", size)
    return head + bytes(4) + payload  # masked with zeros


def post(body):
    asked = {"type": "post", "client_id": str(uuid.uuid4()), "body": body}
    return framed(json.dumps(asked).encode())


def closing(code):
    return framed(struct.pack("!H", code), CLOSE)


def bomb():
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(bytes(8 * MIB)) + packer.flush()


TOO_LARGE, BROKEN, NO_TEXT = 1009, 1002, 1007  # RFC 6455, 7.4.1
CUT = "cut"  # without a word: RFC 6455, 7.1.7 allows it
NOTHING = None  # there is nothing to say to it, and no reason to hang up
WIRE = {  # name: what is sent, and the refusal or close code it gets
    "just too large": (framed(b"x" * 65537), TOO_LARGE),
    "one MiB and a byte": (framed(b"x" * (MIB + 1)), TOO_LARGE),
    "two MiB": (framed(b"x" * 2 * MIB), TOO_LARGE),
    "sixteen MiB announced": (framed(b"x" * 70_000, size=16 * MIB + 1), TOO_LARGE),
    "an exabyte announced": (framed(b"x", size=2**60), TOO_LARGE),
    "a compressed bomb": (framed(bomb(), TEXT | 0x40), BROKEN),
    "ten thousand pieces": (
        b"".join([framed(b" ", 0x01), framed(b" ", 0x00) * 9_998, framed(b" ", 0x80)]),
        "bad_frame",
    ),
    "a piece without an end": (framed(b"a", 0x01), NOTHING),
    "five thousand pings": (framed(b"ping", PING) * 5_000, NOTHING),
    "five thousand pongs": (framed(b"pong", PONG) * 5_000, NOTHING),
    "a huge ping": (framed(b"x" * 65535, PING), BROKEN),
    "not UTF-8": (framed(b"\xff\xfe\xc0"), NO_TEXT),
    "no mask": (b"\x81\x02{}", BROKEN),
    "reserved bits": (framed(b"{}", TEXT | 0x70), BROKEN),
    "an unknown opcode": (framed(b"{}", 0x83), BROKEN),
    "close 1005": (closing(1005), CUT),
    "close 999": (closing(999), CUT),
    "close 65535": (closing(65535), CUT),
    "a close that is half": (framed(b"x", CLOSE), CUT),
    "binary": (framed(os.urandom(100), BINARY), "bad_frame"),
    "nonsense": (random.Random(1).randbytes(4096), BROKEN),
    "a hundred posts": (
        b"".join(post(f"Spam {number}") for number in range(100)),
        "too_fast",
    ),
    "nothing": (b"", NOTHING),
}
WIRE |= {
    f"no frame: {text[:40]}": (framed(text.encode()), "bad_frame") for text in NO_FRAMES
}
WIRE |= {"no id": (framed(NO_ID.encode()), "bad_client_id")}
WIRE |= {f"bad text: {text[:9]!r}": (post(text), code) for text, code in BAD_TEXTS}
