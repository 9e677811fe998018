"""The process that decodes images: from standard input to standard output.

Run by path, in Python's isolated mode, with two arguments: Pillow's name of the format,
and limits as JSON. It prints a line of facts as JSON, then the thumbnail, then the
picture, both WebP; it ends with another status than 0 when there is nothing to show.
"""

import contextlib
import io
import json
import os
import resource
import sys

OUTPUT_BYTES = 16 * 1024 * 1024
NICENESS = 19
SMOOTH = {"RGB", "RGBA", "CMYK", "L"}  # what can be made smaller as it is


def main(kind, limits):
    restrain(limits)
    from PIL import Image  # noqa: PLC0415 - under the limits

    with Image.open(sys.stdin.buffer, formats=[kind]) as image:
        size = image.size
        image.draft("RGB", (limits["picture"],) * 2)  # JPEG decodes to less
        if image.width * image.height > limits["pixels"]:
            sys.exit(1)
        image.load()
        width, height = size[::-1] if lies(image) else size
        picture = upright(image, limits["picture"])
    thumbnail = picture.copy()
    thumbnail.thumbnail((limits["thumbnail"],) * 2)
    images = [webp(thumbnail), webp(picture)]
    sizes = [len(image) for image in images]
    facts = json.dumps({"sizes": sizes, "width": width, "height": height})
    sys.stdout.buffer.write(facts.encode() + b"\n" + b"".join(images))
    sys.stdout.buffer.flush()


def restrain(limits):
    """Give up what decoding does not need, for good."""
    os.nice(NICENESS)
    for what, most in [
        (resource.RLIMIT_AS, limits["memory"]),
        (resource.RLIMIT_CPU, limits["cpu"]),
        (resource.RLIMIT_FSIZE, OUTPUT_BYTES),
        (resource.RLIMIT_CORE, 0),
    ]:
        resource.setrlimit(what, (most, most + 1))


def lies(image):
    """Whether it is stored on its side, as EXIF says."""
    from PIL import ExifTags  # noqa: PLC0415

    return image.getexif().get(ExifTags.Base.Orientation) in {5, 6, 7, 8}


def upright(image, side):
    """Return it turned as EXIF says, in sRGB, at most `side` wide and high."""
    from PIL import ImageOps  # noqa: PLC0415

    if image.mode not in SMOOTH:
        image = in_srgb(image)
    image.thumbnail((side, side))
    return in_srgb(ImageOps.exif_transpose(image))


def in_srgb(image):
    """Return it in RGB or RGBA, its colours as its own profile means them."""
    from PIL import ImageCms  # noqa: PLC0415

    profile = image.info.pop("icc_profile", None)
    if profile and image.mode in {"RGB", "CMYK", "L"}:
        srgb = ImageCms.createProfile("sRGB")
        with contextlib.suppress(ImageCms.PyCMSError, OSError):  # as if it had none
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            return ImageCms.profileToProfile(image, own, srgb, outputMode="RGB")
    mode = "RGBA" if image.has_transparency_data else "RGB"
    return image if image.mode == mode else image.convert(mode)


def webp(image):
    """Return its pixels, and nothing else of it, as WebP."""
    image.info.clear()
    output = io.BytesIO()
    image.save(output, "WEBP", quality=82, exif=b"", icc_profile=b"", xmp=b"")
    return output.getvalue()


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
