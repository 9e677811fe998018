"""What the chat templates need: bodies as HTML, file sizes, limits."""

from django import template

from rooms import limits, markdown

register = template.Library()


@register.filter
def markdown_html(body):
    return markdown.to_html(body)


@register.simple_tag
def limit(name):
    """Return a number of rooms/limits.py, as templates and JavaScript need it."""
    return getattr(limits, name)
