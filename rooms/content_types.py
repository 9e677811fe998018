"""What a file is, by the end of its name: the same on every machine.

Python's own function asks the machine's `/etc/mime.types` as well, which containers
seldom have.
"""

import mimetypes

UNKNOWN = "application/octet-stream"
ADDED = {
    "image/avif": ".avif",
    "image/heic": ".heic",
    "image/webp": ".webp",
    "audio/flac": ".flac",
    "audio/mp4": ".m4a",
    "audio/ogg": ".oga .ogg .opus",
    "video/ogg": ".ogv",
    "video/x-matroska": ".mkv",
    "application/toml": ".toml",
    "application/yaml": ".yaml .yml",
    "text/markdown": ".markdown .md",
    "text/plain": (
        ".bash .cc .cfg .conf .cpp .cs .dart .diff .env .go .hpp .ini .ino .java .jl "
        ".kt .kts .lock .log .lua .patch .php .properties .ps1 .r .rb .rs .rst .scala "
        ".scss .sql .srt .swift .tex .ts .tsx .jsx .vtt .vue .zig"
    ),
}

_types = mimetypes.MimeTypes()  # Python's own table, and nothing of the machine's
for _type, _ends in ADDED.items():
    for _end in _ends.split():
        _types.add_type(_type, _end)


def content_type_of(name):
    """Return the media type of a file of this name; UNKNOWN for packed ones, too."""
    type_, packing = _types.guess_type(name)
    return (not packing and type_) or UNKNOWN
