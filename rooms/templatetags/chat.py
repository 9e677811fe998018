"""What the chat templates need: bodies as HTML, sizes of pictures, limits."""

from django import template
from django.utils import translation

from rooms import drawing, limits
from rooms.models.attachment import KINDS

register = template.Library()


@register.filter
def drawn(message):
    """Return a message as its HTML in the page's language."""
    return drawing.draw(message, translation.get_language())


@register.simple_tag
def limit(name):
    """Return a number of rooms/limits.py, as templates and JavaScript need it."""
    return getattr(limits, name)


@register.simple_tag
def kinds():
    """Return what an attachment's kind can be."""
    return [*KINDS, "other"]


@register.simple_tag
def fitted(attachment):
    """Return the (width, height) a picture takes in its card, in CSS pixels."""
    sides = attachment.width, attachment.height
    scale = min(1, limits.CARD_PICTURE_SIDE / max(sides))
    return [max(1, round(side * scale)) for side in sides]
