"""Read JSON Lines, and the list of objects in a JSON document, one record at a time."""

import ast
import io
import json
from collections import Counter
from collections.abc import Iterator
from json.decoder import JSONDecodeError
from typing import Any

from recommendations.record_files.errors import MalformedError, RowError, TooLongError
from recommendations.record_files.records import LONGEST_ROW, BoundedLines, Records
from recommendations.sentences import say

DEEPEST_LIST = 4
"""How many objects deep the list of records may lie in a document."""
CHUNK = 2**16

_WHITE = " \t\r\n"


def _read_constant(_name: str) -> None:
    """NaN and Infinity are no JSON; programs write them for what they do not know."""
    return


_decoder = json.JSONDecoder(parse_constant=_read_constant)


class JsonLines:
    """One object on each line. Lines that Python's `repr` wrote count, too."""

    def __init__(self, lines: BoundedLines) -> None:
        self._lines = lines
        self.last_line = 0

    def __iter__(self) -> Records:
        for line, content in enumerate(self._lines, start=1):
            self.last_line = line
            self._lines.begin_row()
            if not content.strip():
                continue
            try:
                record = parse_line(content)
            except (ValueError, RecursionError) as error:
                yield line, RowError(say("not JSON"), say("is not JSON: {error}", error=error))
                continue
            if isinstance(record, dict):
                yield line, record
            else:
                yield (
                    line,
                    RowError(
                        say("not a JSON object"), say('is not a JSON object, such as {{"id": 1}}')
                    ),
                )


class JsonDocument:
    """The longest list of objects in a document, or the document itself if it has none.

    `path` says where the list lies, such as "data.products"; it is empty for a document that is
    itself a list. `last_line` counts records: the lines of a document mean nothing to its reader.
    """

    def __init__(self, text: io.TextIOBase, path: str | None = None) -> None:
        self._text = text
        self.path = path
        self.last_line = 0

    def __iter__(self) -> Records:
        for path, record in _iter_lists(self._text):
            if path != self.path:
                continue
            self.last_line += 1
            if isinstance(record, dict):
                yield self.last_line, record
            else:
                yield (
                    self.last_line,
                    RowError(
                        say("not a JSON object"), say('is not a JSON object, such as {{"id": 1}}')
                    ),
                )


def is_json_lines(head: str, *, is_whole: bool, is_named_so: bool) -> bool:
    """Return whether text that starts like JSON has one record on each line."""
    start = head.lstrip("\ufeff \t\r\n")
    if start.startswith("["):
        return False
    if is_named_so:
        return True
    first, _, rest = start.partition("\n")
    try:
        record = parse_line(first)
    except (ValueError, RecursionError):
        return False
    if rest.strip():
        return True
    return is_whole and not any(_holds_list(value, 1) for value in record.values())


def find_list(text: io.TextIOBase) -> str | None:
    """Return the path of the longest list of objects in the document; None if it has none."""
    counts: Counter[str] = Counter(path for path, value in _iter_lists(text) if _is_object(value))
    return counts.most_common(1)[0][0] if counts else None


def parse_line(content: str) -> Any:
    """Return the value of a line.

    Raises:
        ValueError: The line is neither JSON nor a literal of Python.
    """
    try:
        return json.loads(content, parse_constant=_read_constant)
    except ValueError:
        if not content.lstrip().startswith(("{'", "{u'")):
            raise
        try:
            return ast.literal_eval(content.strip())
        except (SyntaxError, MemoryError, TypeError) as error:
            raise ValueError(str(error)) from error


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _holds_list(value: Any, depth: int) -> bool:
    if isinstance(value, list):
        return bool(value) and all(map(_is_object, value))
    if isinstance(value, dict) and depth < DEEPEST_LIST:
        return any(_holds_list(each, depth + 1) for each in value.values())
    return False


class _Buffer:
    """A text of which no more is held than the value that is being read."""

    def __init__(self, text: io.TextIOBase) -> None:
        self._text = text
        self._content = ""
        self._at = 0
        self._is_over = False

    def peek(self) -> str:
        """Return the next character that is not white space; "" at the end."""
        while True:
            while self._at < len(self._content):
                character = self._content[self._at]
                if character not in _WHITE:
                    return character
                self._at += 1
            if not self._fill():
                return ""

    def skip(self) -> str:
        """Return the next character and go past it."""
        character = self.peek()
        self._at += 1
        return character

    def read_value(self) -> Any:
        """Return the value that begins here and go past it."""
        self.peek()
        while True:
            try:
                value, end = _decoder.raw_decode(self._content, self._at)
            except (JSONDecodeError, RecursionError) as error:
                if isinstance(error, RecursionError) or not self._fill():
                    raise MalformedError(
                        say("is not JSON: {error}", error=_describe(error))
                    ) from error
                continue
            # A number may go on in what has not been read yet.
            if end == len(self._content) and self._fill():
                continue
            self._at = end
            return value

    def _fill(self) -> bool:
        if self._is_over:
            return False
        self._content = self._content[self._at :]
        self._at = 0
        if len(self._content) > LONGEST_ROW:
            raise TooLongError
        more = self._text.read(max(CHUNK, len(self._content)))
        self._is_over = not more
        self._content += more
        return bool(more)


def _iter_lists(text: io.TextIOBase) -> Iterator[tuple[str, Any]]:
    buffer = _Buffer(text)
    if buffer.peek() == "\ufeff":
        buffer.skip()
    yield from _walk(buffer, "", 0)
    if buffer.peek():
        raise MalformedError(say("is not JSON: more follows where the document ends"))


def _walk(buffer: _Buffer, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    character = buffer.peek()
    if character == "[":
        yield from _walk_list(buffer, path)
    elif character == "{" and depth <= DEEPEST_LIST:
        yield from _walk_object(buffer, path, depth)
    else:
        buffer.read_value()


def _walk_list(buffer: _Buffer, path: str) -> Iterator[tuple[str, Any]]:
    buffer.skip()
    if buffer.peek() == "]":
        buffer.skip()
        return
    while True:
        yield path, buffer.read_value()
        if _end_of_member(buffer, "]"):
            return


def _walk_object(buffer: _Buffer, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    buffer.skip()
    if buffer.peek() == "}":
        buffer.skip()
        return
    while True:
        key = buffer.read_value() if buffer.peek() == '"' else None
        if key is None or buffer.skip() != ":":
            raise MalformedError(say("is not JSON: an object lacks a key or a colon"))
        yield from _walk(buffer, f"{path}.{key}" if path else str(key), depth + 1)
        if _end_of_member(buffer, "}"):
            return


def _end_of_member(buffer: _Buffer, end: str) -> bool:
    character = buffer.skip()
    if character not in (",", end):
        raise MalformedError(
            say(
                "is not JSON: {character!r} where a comma or {end} belongs",
                character=character,
                end=end,
            )
            if character
            else say("is not JSON: it ends in the middle")
        )
    return character == end


def _describe(error: Exception) -> str:
    return error.msg if isinstance(error, JSONDecodeError) else say("it is nested too deeply")
