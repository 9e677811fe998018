"""Reads pages as a browser would, as far as tests need it."""

import re
from html import unescape
from html.parser import HTMLParser

ARTICLE = re.compile(r"<article .*?</article>", re.DOTALL)
POSITION = re.compile(r'data-position="(\d+)"')


def text_of(response):
    return response.content.decode()


def articles_of(page):
    """Return {position: HTML} of the messages on a page, in their order."""
    found = ARTICLE.findall(page)
    shown = [article for article in found if POSITION.search(article)]
    return {int(POSITION.search(article)[1]): article for article in shown}


def head_of_page(page):
    return page[: page.index("</head>")]


def attribute(page, name):
    """Return the value of the first attribute of this name."""
    return unescape(re.search(rf'{name}="([^"]*)"', page)[1])


class Fields(HTMLParser):
    """Collects {name: attributes} of inputs, buttons and the words of errors."""

    def __init__(self, page):
        super().__init__()
        self.fields, self.errors = {}, []
        self._is_error = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag in {"input", "textarea", "button"} and "name" in attributes:
            self.fields.setdefault(attributes["name"], attributes)
        hidden = "hidden" in attributes
        self._is_error = attributes.get("role") == "alert" and not hidden

    def handle_data(self, data):
        if self._is_error and data.strip():
            self.errors.append(data.strip())

    def handle_endtag(self, tag):
        self._is_error = False
