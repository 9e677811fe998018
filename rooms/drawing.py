"""Messages as HTML: one template, drawn for live events, for pages and for answers.

A plain message is that template with values in its gaps; what lies between the gaps is
drawn once per language. Everything else (notices, files, deleted ones) is drawn whole.
"""

from functools import cache, lru_cache
from html import escape

from django.db.models import prefetch_related_objects
from django.template.loader import get_template
from django.utils import timezone, translation
from django.utils.safestring import SafeString

from rooms import markdown

GAP = "\ue000"  # private use: no template has it


def draw(message, language, values=None):
    """Return a message or notice as its HTML in a language, whoever reads it.

    `values` are its `values_of`, for who draws it in several languages.
    """
    values = values or values_of(message)
    if not is_plain(message):
        return draw_whole(message, values, language)
    pieces, names = pieces_between_gaps(language)
    filled = "".join([p + values[n] for p, n in zip(pieces, names, strict=False)])
    return SafeString(filled + pieces[-1])  # all values are escaped


def is_plain(message):
    return bool(
        message.body
        and not message.is_notice
        and not message.is_deleted
        and not message.files
    )


def values_of(message):
    """Return what the template says of every message, as HTML, by its names there."""
    posted_at, clock = times_of(message.posted_at)
    return {
        "position": str(message.position),
        "change": str(message.change),
        "author_id": message.author.public_id if message.author else "",
        "author_name": escape(message.author_name),
        "client_id": str(message.client_id),
        "posted_at": posted_at,
        "clock": clock,
        "body": "" if message.is_notice else markdown.to_html(message.body),
    }


@lru_cache(64)  # messages of one commit were posted at one time
def times_of(posted_at):
    """Return a time as machines read it and as a clock shows it."""
    local = timezone.localtime(posted_at)
    return local.isoformat(), f"{local:%H:%M}"


def draw_whole(message, values, language):
    if not message.is_notice:
        prefetch_related_objects([message], "files__receipts")
    safe = {name: SafeString(value) for name, value in values.items()}
    with translation.override(language):
        drawn = message_template().render({**safe, "message": message})
    return SafeString(drawn.strip())  # a template's


@cache
def pieces_between_gaps(language):
    """Return the template's text between its gaps, and the names of the gaps."""
    names = ["position", "change", "author_id", "author_name", "client_id"]
    names += ["posted_at", "clock", "body"]
    gaps = {name: SafeString(f"{GAP}{name}{GAP}") for name in names}
    with translation.override(language):
        drawn = message_template().render(gaps).strip().split(GAP)
    return drawn[::2], drawn[1::2]


@cache
def message_template():
    return get_template("rooms/_message.html")
