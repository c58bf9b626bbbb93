"""Sentences that are written in English, stored as such, and told in the language of the page.

A `Sentence` is its English text, and remembers what it was made of: a template, which translations
have, and the values in it. Plain Python: every layer may import it; `services/infra/translation.py`
translates.
"""

import json
from collections.abc import Iterable, Mapping
from string import Formatter
from typing import Any, Self

Value = str | int | float


class Sentence(str):
    """English text that can be told in another language.

    Attributes:
        template: The text as translations have it, with the names of values in braces.
        plural: The template for other counts than one; empty if it has no count.
        values: What stands in the braces; values may be sentences, too. `count` decides on the
            plural.
    """

    template: str
    plural: str
    values: Mapping[str, Value]

    def __new__(cls, template: str, plural: str = "", **values: Value) -> Self:
        """Fill in the values; format specifications are those of Python."""
        chosen = plural if plural and values["count"] != 1 else template
        sentence = super().__new__(cls, Formatter().vformat(chosen, (), values))
        sentence.template, sentence.plural, sentence.values = template, plural, values
        return sentence


class Text(str):
    """Several texts, one after the other, of which each may be a sentence."""

    parts: tuple[str, ...]
    between: str

    def __new__(cls, parts: Iterable[str], between: str) -> Self:
        """Join the parts."""
        listed = tuple(parts)
        text = super().__new__(cls, between.join(listed))
        text.parts, text.between = listed, between
        return text


def say(template: str, /, **values: Any) -> Sentence:
    """Return a sentence; `update_translations` finds its template here.

    Values that are neither numbers nor texts are written as `str` writes them.
    """
    return Sentence(template, "", **_simplify(values))


def say_count(singular: str, plural: str, /, count: int, **values: Any) -> Sentence:
    """Return a sentence about so many things, as `say` does."""
    return Sentence(singular, plural, count=count, **_simplify(values))


def join(parts: Iterable[str], between: str = " ") -> Text:
    """Return several texts as one."""
    return Text(parts, between)


def join_lines(lines: Iterable[str]) -> Text:
    """Return texts below each other."""
    return Text(lines, "\n")


def end(text: str) -> str:
    """Return a text with a period at its end."""
    return text if text.endswith((".", "!", "?")) else Text((text, "."), "")


def get_sentence(error: BaseException) -> str:
    """Return what an error says: the sentence that it was raised with, where it was one."""
    said = error.args[0] if error.args else ""
    return said if isinstance(said, str) and said else f"{error}" or type(error).__name__


def pack(text: str) -> str:
    """Return a text as the database keeps it: plain text as it is, sentences as JSON."""
    simple = simplify(text)
    return simple if isinstance(simple, str) else json.dumps(simple, ensure_ascii=False)


def unpack(stored: str) -> str:
    """Return what was packed; text from before there were sentences stays as it is."""
    if not stored.startswith(('{"say": ', '{"join": ')):
        return stored
    return restore(json.loads(stored))


def simplify(text: str) -> Any:
    """Return a text as JSON has it: plain text as it is, a sentence as an object."""
    if isinstance(text, Text):
        return {"join": [simplify(part) for part in text.parts], "between": text.between}
    if isinstance(text, Sentence):
        values = {
            name: simplify(value) if isinstance(value, str) else value
            for name, value in text.values.items()
        }
        return {"say": text.template, "plural": text.plural, "values": values}
    return str(text)


def restore(simple: Any) -> str:
    """Return the text of which `simplify` made this."""
    if isinstance(simple, str):
        return simple
    if "join" in simple:
        return Text(map(restore, simple["join"]), simple["between"])
    values = {
        name: value if isinstance(value, int | float) else restore(value)
        for name, value in simple["values"].items()
    }
    return Sentence(simple["say"], simple["plural"], **values)


def _simplify(values: Mapping[str, Any]) -> dict[str, Value]:
    return {
        name: value if isinstance(value, str | int | float) else str(value)
        for name, value in values.items()
    }
