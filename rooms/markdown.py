"""Message text to safe HTML: basic Markdown by mistune, cleaned by nh3."""

import mistune
import nh3
from django.utils.safestring import mark_safe

TAGS = {"p", "br", "strong", "em", "del", "code", "pre", "a", "ul", "ol", "li"}
TAGS |= {"blockquote"}
SCHEMES = {"http", "https", "mailto"}
BLOCK_RULES_OFF = {
    "axt_heading",
    "setex_heading",
    "thematic_break",
    "ref_link",
    "block_html",
}
INLINE_RULES_OFF = {"inline_html"}


def make_parser():
    parser = mistune.create_markdown(
        escape=True, hard_wrap=True, plugins=["strikethrough", "url"]
    )
    block, inline = parser.block, parser.inline
    block.rules = [rule for rule in block.rules if rule not in BLOCK_RULES_OFF]
    inline.rules = [rule for rule in inline.rules if rule not in INLINE_RULES_OFF]
    return parser


parse = make_parser()


def to_html(body):
    """Return the HTML of a message body; everything outside TAGS is text or gone."""
    html = nh3.clean(
        parse(body),
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    return mark_safe(html)  # noqa: S308 - nh3 cleaned it
