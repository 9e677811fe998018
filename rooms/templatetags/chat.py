"""What the chat templates need: bodies as HTML, file sizes, limits."""

from django import template
from django.utils import translation

from rooms import drawing, limits

register = template.Library()


@register.filter
def drawn(message):
    """Return a message as its HTML in the page's language."""
    return drawing.draw(message, translation.get_language())


@register.simple_tag
def limit(name):
    """Return a number of rooms/limits.py, as templates and JavaScript need it."""
    return getattr(limits, name)
