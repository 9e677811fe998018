"""What part of a file a request asks for (RFC 9110, sections 13 and 14)."""

import re
from typing import NamedTuple

from django.utils.http import parse_etags

SINGLE_RANGE = re.compile(r"bytes=(\d{0,100})-(\d{0,100})")


class UnsatisfiableRange(Exception):
    """The range starts behind the end of the file."""


class Span(NamedTuple):
    """Bytes `start` to `end` (not included) of `size`."""

    start: int
    end: int
    size: int

    @property
    def header(self):
        return f"bytes {self.start}-{self.end - 1}/{self.size}"


def wanted_span(request, tag, size):
    """Return the Span asked for of a file with this entity tag; None for all of it.

    Several ranges and malformed ones are ignored. Raises UnsatisfiableRange.
    """
    asked = SINGLE_RANGE.fullmatch(request.headers.get("Range", ""))
    if request.method != "GET" or asked is None or has_another(request, tag):
        return None
    return parse_range(asked[1], asked[2], size)


def has_another(request, tag):
    """Whether the caller says with If-Range that he has the start of another file."""
    return request.headers.get("If-Range", tag) != tag


def has_the_same(request, tag):
    """Whether the caller says with If-None-Match that he has this file already."""
    tags = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in tags or tag in (known.removeprefix("W/") for known in tags)


def completes(request, span):
    """Whether whoever gets this span has the whole file then, as far as can be told.

    A part counts when it is the end, asked for with If-Range: that is how a download
    goes on. Players and previews in the page ask with `?look`: they keep nothing.
    """
    if "look" in request.GET:
        return False
    if span is None:
        return request.method == "GET"
    goes_on = span.start == 0 or "If-Range" in request.headers
    return span.end == span.size and goes_on


def parse_range(first, last, size):
    """Return the Span of `bytes=first-last` in a file of `size` bytes.

    None when the range is malformed and so ignored. Raises UnsatisfiableRange.
    Source: RFC 9110, 14.1.2.
    """
    if not first and not last:
        return None
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start = int(first)
        end = min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    if start >= size or start >= end:
        raise UnsatisfiableRange
    return Span(start, end, size)
