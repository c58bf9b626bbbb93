"""Read the products of an XML feed, one element at a time."""

import io
from collections import Counter
from collections.abc import Callable
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from recommendations.record_files.errors import MalformedError, RowError, TooLongError
from recommendations.record_files.records import LONGEST_ROW, Record, Records
from recommendations.sentences import say

USUAL_ELEMENTS = ("item", "entry", "product", "offer", "shopitem", "article", "row", "record")
SCANNED_ELEMENTS = 2_000
TEXT = "#text"


class XmlRecords:
    """The elements of one name, as records.

    A record has the element's attributes and children by their names without namespace; a child
    with children of its own is an object, and a child that stands more than once is a list. Where
    a name stands with and without a prefix (`g:title`, `title`), the one with the prefix counts.
    `last_line` counts records.
    """

    def __init__(self, stream: BinaryIO, element: str, check: Callable[[], None]) -> None:
        self._stream = BoundedBytes(stream, check)
        self._element = element
        self.last_line = 0

    def __iter__(self) -> Records:
        parents: list[Element] = []
        try:
            for event, element in iterparse(self._stream, events=("start", "end")):
                if event == "start":
                    parents.append(element)
                    continue
                parents.pop()
                if element.tag == self._element:
                    self.last_line += 1
                    self._stream.begin_record()
                    yield self.last_line, _to_record(element)
                if element.tag == self._element or len(parents) == 1:
                    # What was read must not stay in memory.
                    element.clear()
                    if parents:
                        parents[-1].remove(element)
        except ParseError as error:
            raise MalformedError(say("is not XML: {error}", error=error)) from error
        except DefusedXmlException as error:
            raise MalformedError(
                say("declares entities of its own, which could stand for anything: it is not read")
            ) from error


class BoundedBytes(io.RawIOBase):
    """A stream from which no more is read than a record may have."""

    def __init__(self, stream: BinaryIO, check: Callable[[], None]) -> None:
        super().__init__()
        self._stream = stream
        self._check = check
        self._left = 2 * LONGEST_ROW

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes.

        Raises:
            TooLongError: The record is longer than it may be.
        """
        content = self._stream.read(size if size > 0 else 2**14)
        self._check()
        self._left -= len(content)
        if self._left < 0:
            raise TooLongError
        return content

    def begin_record(self) -> None:
        """Let the next bytes belong to another record."""
        self._left = 2 * LONGEST_ROW


def find_element(stream: BinaryIO) -> str:
    """Return the tag of the elements that are records.

    It is the first of the usual names; else the tag that repeats most among elements with children,
    of those that are least deep.

    Raises:
        MalformedError: The file is not XML, or nothing in it repeats.
    """
    counts: Counter[tuple[int, str]] = Counter()
    tags: list[str] = []
    have_children: set[tuple[int, str]] = set()
    try:
        for seen, (event, element) in enumerate(
            iterparse(BoundedBytes(stream, _check_nothing), events=("start", "end"))
        ):
            if event == "start":
                if tags:
                    have_children.add((len(tags) - 1, tags[-1]))
                counts[len(tags), element.tag] += 1
                tags.append(element.tag)
            else:
                tags.pop()
            if seen > SCANNED_ELEMENTS:
                break
    except (ParseError, TooLongError):
        if not counts:
            raise MalformedError(say("is not XML")) from None
    except DefusedXmlException as error:
        raise MalformedError(
            say("declares entities of its own, which could stand for anything: it is not read")
        ) from error
    nested = {key: count for key, count in counts.items() if key in have_children and key[0]}
    for name in USUAL_ELEMENTS:
        for _, tag in sorted(nested):
            if _strip(tag).lower() == name:
                return tag
    if not nested:
        raise MalformedError(say("has no element with children that could be a product"))
    return min(nested, key=lambda key: (nested[key] < 2, key[0], -nested[key]))[1]


def _to_record(element: Element) -> Record | RowError:
    record: Record = {_strip(name): value for name, value in element.attrib.items()}
    prefixed: set[str] = set()
    for child in element:
        name = _strip(child.tag)
        value = _read_value(child)
        has_prefix = child.tag.startswith("{http://base.google.com")
        if has_prefix and name not in prefixed:
            prefixed.add(name)
            record[name] = value
        elif name in prefixed and not has_prefix:
            continue
        elif name in record:
            held = record[name]
            record[name] = [*held, value] if isinstance(held, list) else [held, value]
        else:
            record[name] = value
    return record


def _read_value(element: Element) -> Any:
    text = (element.text or "").strip()
    if len(element) == 0:
        if not element.attrib:
            return text
        attributes = {_strip(name): value for name, value in element.attrib.items()}
        if "href" in attributes and not text:
            return attributes["href"]
        # A name as attribute is what the text is about, as in <param name="Colour">.
        return attributes | {TEXT: text} if "name" in attributes else text
    return _to_record(element)


def _strip(tag: str) -> str:
    return tag.rpartition("}")[2] if tag.startswith("{") else tag.rpartition(":")[2]


def _check_nothing() -> None:
    return
