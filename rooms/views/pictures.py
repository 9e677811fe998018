"""Thumbnails and pictures: drawn again by us, so these alone are shown inline."""

import hashlib

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseNotModified
from django.views.decorators.http import require_safe

from rooms.access import member_required
from rooms.models import Attachment
from rooms.views.files import secured
from rooms.views.ranges import has_the_same


@require_safe
@member_required
def thumbnail(request, membership, attachment_id):
    return image_response(request, find(membership, attachment_id).thumbnail)


@require_safe
@member_required
def picture(request, membership, attachment_id):
    return image_response(request, find(membership, attachment_id).picture)


def find(membership, attachment_id):
    rows = Attachment.objects.visible_to(membership).filter(public_id=attachment_id)
    attachment = rows.filter(preview=Attachment.Preview.MADE).first()
    if attachment is None:
        raise Http404
    return attachment


def image_response(request, image):
    """Answer with a stored WebP. Browsers keep it, and ask each time whether they may
    still show it."""
    tag = f'"{hashlib.sha256(image.name.encode()).hexdigest()[:32]}"'
    if has_the_same(request, tag):
        response = HttpResponseNotModified()
    elif settings.ACCEL_REDIRECT_URL and not settings.S3_BUCKET:
        address = settings.ACCEL_REDIRECT_URL + image.name
        response = HttpResponse(headers={"X-Accel-Redirect": address})
    else:
        response = HttpResponse(content_of(image))
    response["Content-Type"] = "image/webp"
    response["Content-Disposition"] = "inline"
    response["Cache-Control"] = "private, no-cache"
    return secured(response, tag)


def content_of(image):
    try:
        with image.open() as file:
            return file.read()
    except FileNotFoundError as gone:
        raise Http404 from gone
