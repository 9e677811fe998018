"""Images are decoded in another process, which strangers' bytes may end."""

import resource
import subprocess
import tempfile
import time

import pytest
from PIL import Image, ImageCms, features

from rooms import previews
from rooms.limits import PICTURE_SIDE, PREVIEW_SIDE
from rooms.previews import making
from tests.images import SECRET_PLACE, bomb, image, long_animation, opened

MIB = 1024 * 1024
SMALL = 150 * MIB  # addresses, those of Python and its libraries too
KINDS = ["PNG", "JPEG", "WEBP", *(["AVIF"] if features.check("avif") else [])]


def preview(content, kind="PNG"):
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        return previews.make_preview(file, kind.lower())


@pytest.mark.parametrize("kind", KINDS)
def test_an_image_is_drawn_again_in_two_sizes(kind):
    made = preview(image(kind, (3000, 1500)), kind)

    thumbnail, picture = opened(made.thumbnail), opened(made.picture)
    assert (thumbnail.format, picture.format) == ("WEBP", "WEBP")
    assert thumbnail.size == (PREVIEW_SIDE, PREVIEW_SIDE // 2)
    assert picture.size == (PICTURE_SIDE, PICTURE_SIDE // 2)
    assert (made.width, made.height) == (3000, 1500)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_else_of_it_is_kept(kind):
    content = image(kind)

    made = preview(content, kind)

    assert content.count(SECRET_PLACE.encode()) == 1
    for drawn in (made.thumbnail, made.picture):
        shown = opened(drawn)
        assert drawn.count(SECRET_PLACE.encode()) == 0
        assert dict(shown.getexif()) == {}
        assert {"exif", "icc_profile", "xmp"} & set(shown.info) == set()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_stands_upright(orientation):
    made = preview(image("JPEG", (400, 200), orientation), "JPEG")

    size = (200, 400) if orientation >= 5 else (400, 200)
    assert (made.width, made.height) == size
    assert opened(made.picture).size == size


def test_what_is_small_stays_small():
    made = preview(image(size=(7, 3)))

    assert opened(made.thumbnail).size == opened(made.picture).size == (7, 3)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "I;16"])
def test_every_way_to_say_colours_is_understood(mode):
    source = Image.new(mode, (20, 10))
    with tempfile.TemporaryFile() as file:
        source.convert("RGBA" if mode == "PA" else mode).save(file, "PNG")
        file.seek(0)

        made = previews.make_preview(file, "png")

    assert opened(made.picture).size == (20, 10)


def test_transparent_stays_transparent():
    with tempfile.TemporaryFile() as file:
        Image.new("RGBA", (20, 10), (255, 0, 0, 0)).save(file, "PNG")
        file.seek(0)

        made = previews.make_preview(file, "png")

    assert opened(made.picture).convert("RGBA").getpixel((1, 1))[3] == 0


def test_colours_are_those_of_its_profile():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    made = preview(image(icc_profile=profile))

    red = opened(made.picture).convert("RGB").getpixel((5, 5))
    assert abs(red[0] - 255) + red[1] + red[2] < 12


def test_a_broken_profile_is_as_none():
    assert preview(image(icc_profile=b"nonsense" * 20)).width == 1200


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"<html><script>alert(1)</script>", "PNG"),
        (b"", "PNG"),
        (image()[:200], "PNG"),
        (image("JPEG"), "PNG"),
        (b"\xff\xd8\xff\xe0<script>", "JPEG"),
        (b"GIF89a/*" + b"\0" * 300, "GIF"),
        (b"<svg/>", "SVG"),
    ],
    ids=["html", "empty", "cut", "other", "broken", "polyglot", "unknown"],
)
def test_what_is_no_such_image_has_none(content, kind):
    assert preview(content, kind) is None


@pytest.mark.parametrize(
    ("content", "kind", "is_shown"),
    [(bomb(), "PNG", False), (long_animation(), "GIF", True)],
    ids=["bomb", "animation"],
)
def test_bombs_do_not_go_off(monkeypatch, content, kind, is_shown):
    monkeypatch.setattr(making, "LIMITS", making.LIMITS | {"memory": SMALL})
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()

    made = preview(content, kind)

    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert (made is not None) == is_shown
    assert after.ru_utime - before.ru_utime < 2
    assert time.monotonic() - start < 20


def test_memory_has_a_bound(monkeypatch):
    content = image(size=(6000, 6000))
    limits = making.LIMITS | {"memory": SMALL}

    monkeypatch.setattr(making, "LIMITS", limits)

    assert preview(content) is None


def test_time_has_a_bound(monkeypatch):
    monkeypatch.setattr(making, "LIMITS", making.LIMITS | {"cpu": 0})

    assert preview(image(size=(4000, 4000))) is None


@pytest.mark.parametrize("ends", ["killed", "late"])
def test_one_that_others_ended_may_be_tried_again(monkeypatch, ends):
    def run(arguments, **options):
        if ends == "late":
            raise subprocess.TimeoutExpired(arguments, 1)
        return subprocess.CompletedProcess(arguments, -9)

    monkeypatch.setattr(subprocess, "run", run)

    with pytest.raises(previews.Unfinished):
        preview(image())
