"""Turn descriptions with HTML into plain text and into HTML that is safe to show."""

import html
import re

import nh3

TAGS = {
    *("p", "br", "hr", "ul", "ol", "li", "strong", "b", "em", "i", "u", "s", "sub", "sup"),
    *("h2", "h3", "h4", "h5", "h6", "blockquote", "table", "thead", "tbody", "tr", "th", "td"),
    *("dl", "dt", "dd", "a", "code", "pre", "small"),
}
"""The tags of a description that the page shows; others go, and their text stays."""

_TAG = re.compile(r"<(/?[a-zA-Z][a-zA-Z0-9]*(\s[^<>]*)?/?|!--.*?--)>", re.DOTALL)
_BLOCK = re.compile(
    r"<(br|hr|/p|/div|/li|/h[1-6]|/tr|/ul|/ol|/table|/dt|/dd|/blockquote|/pre)\b[^>]*>",
    re.IGNORECASE,
)
_ITEM = re.compile(r"<li\b[^>]*>", re.IGNORECASE)
_CELL = re.compile(r"</t[dh]>", re.IGNORECASE)
_HEADING = re.compile(r"<(/?)h1\b", re.IGNORECASE)
_ENTITY = re.compile(r"&(#[0-9]{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
_COMMON_TAG = re.compile(
    r"<(/(p|div|ul|ol|li|strong|b|em|i|span|h[1-6]|table|td|tr|a|font)|br\s*/?)>", re.IGNORECASE
)
_BLANK_LINES = re.compile(r"\n{3,}")
_SPACES = re.compile(r"[ \t\xa0]+")


def has_markup(text: str) -> bool:
    """Return whether the text has tags."""
    return "<" in text and bool(_TAG.search(text))


def decode_markup(text: str) -> str:
    """Return a text whose tags are written as entities, as `&lt;p&gt;`, with the tags themselves.

    What then still is an entity belongs to the HTML.
    """
    if "&lt;" not in text or has_markup(text):
        return text
    decoded = html.unescape(text)
    return decoded if _COMMON_TAG.search(decoded) else text


def to_line(text: str) -> str:
    """Return a text of one line without tags, its entities decoded once."""
    return " ".join(to_plain_text(text).split())


def to_plain_text(text: str) -> str:
    """Return the text without tags, its entities decoded once; blocks end with a line."""
    text = decode_markup(text)
    if has_markup(text):
        text = _SPACES.sub(" ", text.replace("\r", " ").replace("\n", " "))
        text = _ITEM.sub("\n• ", _CELL.sub(" ", _BLOCK.sub("\n", text)))
        # The cleaner drops scripts and styles with what stands in them.
        text = html.unescape(nh3.clean(text, tags=set()))
        lines = [line.strip() for line in text.split("\n")]
        lines = [line for line in lines if line != "•"]
        return _BLANK_LINES.sub("\n\n", "\n".join(lines)).replace("\n\n•", "\n•").strip()
    if "&" in text and _ENTITY.search(text):
        return html.unescape(text)
    return text


def to_safe_html(text: str) -> str:
    """Return the text with the tags in `TAGS` alone; "" if it has no tags."""
    text = decode_markup(text)
    if not has_markup(text):
        return ""
    # The page has a heading of the first level: the product's name.
    return nh3.clean(
        _HEADING.sub(r"<\1h2", text),
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener",
    ).strip()
