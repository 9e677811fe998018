"""Message text to safe HTML: basic Markdown by mistune, cleaned by nh3."""

import re
from functools import lru_cache
from urllib.parse import urlsplit

import mistune
import nh3
from django.utils.safestring import SafeString

TAGS = {"p", "br", "strong", "em", "del", "code", "pre", "a", "ul", "ol", "li"}
TAGS |= {"blockquote"}
REMEMBERED = 256  # bodies: the same one is drawn in each language
SCHEMES = {"http", "https", "mailto"}
BLOCK_RULES_OFF = ["atx_heading", "setex_heading", "thematic_break", "ref_link"]
BLOCK_RULES_OFF += ["raw_html"]
INLINE_RULES_OFF = ["inline_html"]


class MessageRenderer(mistune.HTMLRenderer):
    """Links lead to other sites only; pictures are links; the rest is plain."""

    def link(self, text, url, title=None):
        return f'<a href="{mistune.escape(url)}">{text}</a>' if leads_out(url) else text

    def image(self, text, url, title=None):
        return self.link(text or mistune.escape(url), url)


def leads_out(url):
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    # Without a host, browsers read https:x as a path of this site.
    return parts.scheme in SCHEMES and bool(parts.netloc) == (parts.scheme != "mailto")


def make_parser():
    parser = mistune.create_markdown(
        renderer=MessageRenderer(escape=True),
        hard_wrap=True,
        plugins=["strikethrough", "url"],
    )
    for rule in BLOCK_RULES_OFF:
        parser.block.rules.remove(rule)
    for rule in INLINE_RULES_OFF:
        parser.inline.rules.remove(rule)
    return parser


parse = make_parser()

# One line without any sign that means something in Markdown, in HTML or in a link: most
# of what people write. The parser would make the same of it.
PLAIN_LINE = re.compile(
    r"""(?![-+ ]|~~|\d{1,9}[.)]|.*://|.*\ $)
    (?: [^\W_] | [ .,;:!?'"()/@\#%$^+=~{}…–—-] (?<!~~) )+""",
    re.VERBOSE,
)


@lru_cache(REMEMBERED)
def to_html(body):
    """Return the HTML of a message body; everything outside TAGS is text or gone."""
    if PLAIN_LINE.fullmatch(body):
        return SafeString(f"<p>{body}</p>")  # nothing in it is special
    return SafeString(clean(parse(body)).rstrip("\n"))  # it is clean


def clean(html):
    return nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
