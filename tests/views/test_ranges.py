"""Parts of files, as RFC 9110 section 14 asks."""

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from rooms.views.ranges import (
    UnsatisfiableRange,
    completes,
    parse_range,
    wanted_span,
)
from tests.conftest import upload
from tests.views.test_download import download

CONTENT = bytes(range(100))


@pytest.fixture
def attachment(alice, post):
    return post(uploads=[upload("plan.pdf", CONTENT)]).attachments.get()


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=-1", 99, 100),
        ("bytes=-500", 0, 100),
        ("bytes=5-", 5, 100),
        ("bytes=5-9", 5, 10),
        ("bytes=99-500", 99, 100),
        ("bytes=0-999999999999", 0, 100),
    ],
)
def test_one_part(bob_client, attachment, asked, start, end):
    response = download(bob_client, attachment, range=asked)

    assert (response.status_code, response.content) == (206, CONTENT[start:end])
    assert response["Content-Range"] == f"bytes {start}-{end - 1}/100"
    assert response["Content-Length"] == str(end - start)
    assert response["Content-Disposition"] == 'attachment; filename="plan.pdf"'


@pytest.mark.parametrize("asked", ["bytes=100-", "bytes=500-600", "bytes=-0"])
def test_a_part_beyond_the_end(bob_client, attachment, asked):
    response = download(bob_client, attachment, range=asked)

    assert (response.status_code, response.content) == (416, b"")
    assert response["Content-Range"] == "bytes */100"


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=9-5",
        "bytes=-",
        "bytes=a-b",
        "bytes=1-2,4-5",
        "bytes=" + ",".join(["0-0"] * 1000),
        "lines=1-2",
        "bytes 1-2",
        "0-5",
    ],
    ids=lambda asked: asked[:16],
)
def test_what_is_no_single_part_is_ignored(bob_client, attachment, asked):
    response = download(bob_client, attachment, range=asked)

    assert (response.status_code, response.content) == (200, CONTENT)


@pytest.mark.parametrize("asked", ["bytes={}-", "bytes=-{}", "bytes=0-{}"])
def test_endless_digits_are_no_accident(bob_client, attachment, asked):
    response = download(bob_client, attachment, range=asked.format("9" * 5000))

    assert response.status_code in {200, 206, 416}
    assert response.content in {b"", CONTENT}


def test_a_part_of_the_same_file_may_be_continued(bob_client, attachment):
    response = download(
        bob_client,
        attachment,
        **{"range": "bytes=50-", "if-range": f'"{attachment.sha256}"'},
    )

    assert (response.status_code, response.content) == (206, CONTENT[50:])


@pytest.mark.parametrize("tag", ['"old"', "W/{}", "Sat, 29 Oct 1994 19:43:31 GMT"])
def test_another_file_is_sent_whole(bob_client, attachment, tag):
    tag = tag.format(f'"{attachment.sha256}"')

    response = download(
        bob_client, attachment, **{"range": "bytes=50-", "if-range": tag}
    )

    assert (response.status_code, response.content) == (200, CONTENT)


def test_head_knows_no_parts(bob_client, attachment):
    response = download(bob_client, attachment, method="head", range="bytes=0-0")

    assert (response.status_code, response["Content-Length"]) == (200, "100")


def test_a_stranger_learns_nothing_from_parts(charlie_client, attachment):
    for asked in ("bytes=0-0", "bytes=500-"):
        response = download(charlie_client, attachment, range=asked)

        assert response.status_code == 404
        assert response.has_header("Content-Range") is False


numbers = st.integers(min_value=0, max_value=10**6)


@given(first=st.none() | numbers, last=st.none() | numbers, size=numbers)
def test_a_part_is_always_inside_the_file(first, last, size):
    asked = ["" if number is None else str(number) for number in (first, last)]

    try:
        span = parse_range(*asked, size)
    except UnsatisfiableRange:
        assert size == 0 or last == 0 or first >= size
    else:
        is_backwards = None not in (first, last) and last < first
        assert (span is None) == (first is last is None or is_backwards)
        assert span is None or 0 <= span[0] < span[1] <= size


headers = st.text(st.characters(codec="latin-1"), max_size=40)
headers |= st.from_regex(r"bytes=\d*-\d*(,\d*-\d*)*", fullmatch=True)


@given(asked=headers, if_range=st.none() | headers | st.just('"tag"'), size=numbers)
def test_no_header_is_an_accident(asked, if_range, size):
    fields = {"HTTP_RANGE": asked} | ({"HTTP_IF_RANGE": if_range} if if_range else {})
    request = RequestFactory().get("/", **fields)

    try:
        span = wanted_span(request, '"tag"', size)
    except UnsatisfiableRange:
        return

    assert span is None or 0 <= span.start < span.end <= span.size == size
    assert span is None or if_range in {None, "", '"tag"'}
    assert completes(request, span) in {True, False}


@given(first=numbers, length=st.integers(min_value=1, max_value=10**6), size=numbers)
def test_a_part_is_what_was_asked_for(first, length, size):
    try:
        span = parse_range(str(first), str(first + length - 1), size)
    except UnsatisfiableRange:
        assert first >= size
    else:
        assert span == (first, min(size, first + length), size)
