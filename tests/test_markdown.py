"""Bodies as HTML: a little Markdown, safe links, everything else is text."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms import markdown
from rooms.limits import BODY_CHARACTERS
from rooms.markdown import to_html
from tests.conftest import upload
from tests.pages import articles_of, text_of

LINK = '<a href="{0}" target="_blank" rel="noopener noreferrer nofollow">{1}</a>'
TAG = re.compile(r"</?([a-z]+)([^>]*)>")
TAGS = {"p", "br", "strong", "em", "del", "code", "pre", "a", "ul", "ol", "li"}
TAGS |= {"blockquote"}


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("Hello", "<p>Hello</p>"),
        ("*a* **b** ~~c~~", "<p><em>a</em> <strong>b</strong> <del>c</del></p>"),
        ("`<b>`", "<p><code>&lt;b&gt;</code></p>"),
        ("```\n<i>\n```", "<pre><code>&lt;i&gt;\n</code></pre>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("one\n\ntwo", "<p>one</p>\n<p>two</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>"),
        ("> said", "<blockquote>\n<p>said</p>\n</blockquote>"),
        ("# no heading", "<p># no heading</p>"),
        ("no heading\n===", "<p>no heading<br>\n===</p>"),
        ("no\n\n---", "<p>no</p>\n<p>---</p>"),
        ("1 < 2 & 3 > 2", "<p>1 &lt; 2 &amp; 3 &gt; 2</p>"),
        ('"quoted"', '<p>"quoted"</p>'),
        ("{{7+7}} ${8}", "<p>{{7+7}} ${8}</p>"),
        ("snake_case_name", "<p>snake_case_name</p>"),
        ("2 * 3 * 4", "<p>2 * 3 * 4</p>"),
    ],
)
def test_a_little_markdown(body, html):
    assert to_html(body).strip().replace("&quot;", '"') == html


SIGNS = st.sampled_from("ab1 2é日.,;:!?'\"()/@#%$^+=~{}…–—-\n*_`[]<>&\\|\xa0\u2028")
LINES = st.from_regex(markdown.PLAIN_LINE, fullmatch=True) | st.text(SIGNS)


@settings(max_examples=1000)
@given(LINES | LINES.map("http{}".format) | LINES.map("12{}".format))
def test_plain_lines_are_what_the_parser_makes_of_them(body):
    parsed = markdown.clean(markdown.parse(body)).rstrip("\n")

    if markdown.PLAIN_LINE.fullmatch(body):
        assert to_html(body) == parsed


@pytest.mark.parametrize(
    "body", ["See you at 8:30!", "12 of 20 (60 %)", "a/b @c #d ~1.2.3~", "Ça va?"]
)
def test_most_lines_are_plain(body):
    assert markdown.PLAIN_LINE.fullmatch(body)


NOT_PLAIN = ["a_b", "a*", "1. a", "12) a", "- a", "+ a", "~~a~~", "https://a", "a\nb"]
NOT_PLAIN += ["&amp", "`a`", "[a](b)", "<b>", "a\\b", "> a", " a", "a ", "a|b"]
NOT_PLAIN += ["a\u00a0b"]


@pytest.mark.parametrize("body", NOT_PLAIN)
def test_other_lines_are_left_to_the_parser(body):
    assert not markdown.PLAIN_LINE.fullmatch(body)


@pytest.mark.parametrize(
    ("body", "href", "text"),
    [
        ("http://e.org/a?b=1", "http://e.org/a?b=1", "http://e.org/a?b=1"),
        ("https://e.org", "https://e.org", "https://e.org"),
        ("[here](https://e.org)", "https://e.org", "here"),
        ("<https://e.org>", "https://e.org", "https://e.org"),
        ("[mail](mailto:bob@e.org)", "mailto:bob@e.org", "mail"),
    ],
)
def test_links_open_elsewhere_and_tell_nothing(body, href, text):
    html = to_html(body)

    attributes = dict(re.findall(r'(\w+)="([^"]*)"', html))
    assert attributes == {
        "href": href,
        "target": "_blank",
        "rel": "noopener noreferrer nofollow",
    }
    assert re.sub(r"<[^>]*>", "", html).strip() == text


def test_a_link_ends_before_the_sentence_does():
    html = to_html("See https://e.org/a, (https://e.org/b).")

    assert re.findall(r'href="([^"]*)"', html) == ["https://e.org/a", "https://e.org/b"]


@pytest.mark.parametrize(
    "body",
    [
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java\tscript:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "[x](vbscript:x)",
        "[x](//evil.example)",
        "[x](/relative)",
        "[x](https:/admin/)",
        "[x](http:admin/)",
        "[x](file:///etc/passwd)",
        "<javascript:alert(1)>",
        "javascript:alert(1)",
        "![x](javascript:alert(1))",
        "[x][1]\n\n[1]: javascript:alert(1)",
    ],
)
def test_other_schemes_lead_nowhere(body):
    assert re.findall(r'(?:href|src)="([^"]*)"', to_html(body)) == []


@pytest.mark.parametrize(
    "body",
    [
        "<img src=x onerror=alert(1)>",
        "<script>alert(1)</script>",
        "</article></script><b>",
        "<a href='/' onclick=x>y</a>",
        "<svg/onload=alert(1)>",
        "<!-- hidden -->",
        "<style>*{display:none}</style>",
        "&lt;script&gt;",
        "&amp;lt;",
    ],
)
def test_html_is_text(body):
    html = to_html(body)

    shown = re.sub(r"<[^>]*>", "", html).strip()
    assert {tag for tag, _rest in TAG.findall(html)} <= {"p"}
    assert shown.replace("&lt;", "<").replace("&gt;", ">").replace(
        "&quot;", '"'
    ).replace("&amp;", "&") == body.replace("&quot;", '"')


def test_images_are_not_loaded():
    html = to_html("![cat](https://e.org/cat.png)")

    assert html.count("<img") == 0


@given(st.text("<>[]()*_`~!\"'&#;:/\\\n \taxhttps.:@-1=", max_size=200))
def test_only_known_tags_and_attributes(body):
    html = to_html(body)

    for tag, rest in TAG.findall(html):
        assert tag in TAGS
        attributes = set(re.findall(r'([\w-]+)="', rest))
        assert attributes <= ({"href", "target", "rel"} if tag == "a" else set())
    assert html.count("<") == len(TAG.findall(html))


PIECES = "[ * _ ` ( ~~ >| -| http:// ![ []( **a* @ a < \\ [a]( *a|_b| 1.| & ```| [[] ~"


@pytest.mark.parametrize("piece", PIECES.split())
def test_nothing_takes_long(piece):
    body = (piece.replace("|", " ") * BODY_CHARACTERS)[:BODY_CHARACTERS]

    started = time.process_time()
    to_html(body)

    assert time.process_time() - started < 1


def test_everyone_sees_the_same_words(alice_client, bob_client, charlie, lounge, post):
    post("**Bold** & <b>", uploads=[upload("<b>.txt")])

    for client in (alice_client, bob_client):
        shown = articles_of(text_of(client.get(f"/rooms/{lounge.public_id}/")))[3]
        assert shown.count("<p><strong>Bold</strong> &amp; &lt;b&gt;</p>") == 1
        assert shown.count("<bdi>&lt;b&gt;.txt</bdi>") == 1
