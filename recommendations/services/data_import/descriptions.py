"""Read what a row says of the product itself: texts, categories, attributes and pictures."""

import json
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from recommendations.record_files import RowError
from recommendations.sentences import say
from recommendations.services.data_import.categories import read_paths
from recommendations.services.data_import.fields import ATTRIBUTE, Values
from recommendations.services.data_import.moments import MomentParser
from recommendations.services.data_import.pictures import (
    LONGEST_NAME,
    build_media_name,
    find_picture,
    is_address,
    split_pictures,
)
from recommendations.services.data_import.texts import to_line, to_plain_text, to_safe_html
from recommendations.services.data_import.values import (
    check_characters,
    parse_optional,
    parse_text,
    quote,
    shorten,
)
from recommendations.services.data_import.words import parse_switch

LONGEST = {"name": 200, "brand": 100, "sku": 100}
LONGEST_OPTION = 100


class DescriptionReader:
    """Reads texts, categories, attributes and pictures of the rows of one file.

    Args:
        source: Where the ids come from.
        folder: Where pictures lie.
        moments: Parses times.
        warnings: Counts values that are lost or changed.
        splits_commas: Whether commas separate categories.
    """

    def __init__(
        self,
        *,
        source: str,
        folder: Path,
        moments: MomentParser,
        warnings: Counter[str],
        splits_commas: bool = True,
    ) -> None:
        self.source = source
        self._folder = folder
        self._moments = moments
        self._warnings = warnings
        self._splits_commas = splits_commas

    def read_line(self, row: Values, name: str) -> str:
        """Return a text of one line, cut to what the column holds; "" if the row has none."""
        if name not in row:
            return ""
        whole = to_line(parse_text(row[name], name))
        short = shorten(whole, LONGEST[name])
        if short != whole:
            self._warnings[
                say("{name} cut to {longest} characters", name=name, longest=LONGEST[name])
            ] += 1
        return short

    def read_options(self, row: Values) -> dict[str, str]:
        """Return what tells a variant from the others."""
        options = {
            _read_option(name): _read_option(value)
            for name, value in row.get("options", {}).items()
            if name and value
        }
        return {name: value for name, value in options.items() if name and value}

    def read_values(self, row: Values) -> dict[str, Any]:
        """Return all that the row says of the product itself by field, but for the name."""
        given: dict[str, Any] = {}
        for name in ("brand", "sku"):
            text = parse_optional(partial(self.read_line, row, name), self._warnings)
            if text:
                given[name] = text
        described = row.get("description", row.get("short_description"))
        if described is not None:
            if isinstance(described, list):
                described = "\n\n".join(str(part) for part in described if part)
            text = parse_optional(partial(parse_text, described, "description"), self._warnings)
            if text is not None:
                given["description"] = to_plain_text(text)
                given["description_html"] = to_safe_html(text)
        if "created_at" in row:
            created_at = parse_optional(
                partial(self._moments.parse, row["created_at"], "created_at"), self._warnings
            )
            if created_at:
                given["created_at"] = created_at
        if "is_repeatable" in row:
            is_repeatable = parse_switch(row["is_repeatable"])
            if is_repeatable is not None:
                given["is_repeatable"] = is_repeatable
        attributes = parse_optional(partial(_read_attributes, row), self._warnings)
        if attributes:
            given["attributes"] = attributes
        return given

    def read_categories(self, row: Values) -> list[str] | None:
        """Return the paths of the categories, the main one first; None if the row has none."""
        if "category" not in row:
            return None
        read = partial(read_paths, row["category"], splits_commas=self._splits_commas)
        return parse_optional(read, self._warnings) or None

    def find_picture(self, row: Values) -> tuple[str, Path] | None:
        """Return the media name and the file of the picture that lies beside the products file."""
        named = split_pictures(row.get("image", ""))
        local = [picture for picture in named if not is_address(picture)]
        if not local:
            return None
        check_characters(local[0], "image")
        picture = find_picture(local[0], self._folder)
        if picture:
            name = build_media_name(picture, folder=self._folder, source=self.source)
            if len(name) <= LONGEST_NAME:
                return name, picture
        self._warnings[say("images without a picture file beside the products file")] += 1
        return None


def list_addresses(row: Values, *names: str) -> Sequence[str]:
    """Return the pictures that fields of a row name by their addresses."""
    named = [picture for name in names for picture in split_pictures(row.get(name, ""))]
    return list(dict.fromkeys(picture for picture in named if is_address(picture)))


def _read_option(value: Any) -> str:
    return shorten(to_line(parse_text(value, "option")), LONGEST_OPTION)


def _read_attributes(row: Values) -> dict[str, Any]:
    attributes = row.get("attributes", {})
    if isinstance(attributes, str):
        try:
            attributes = json.loads(attributes)
        except ValueError as error:
            raise _refuse_attributes(attributes) from error
    if isinstance(attributes, list):
        attributes = _name_attributes(attributes)
    if not isinstance(attributes, dict):
        raise _refuse_attributes(attributes)
    attributes = attributes | {
        name.removeprefix(ATTRIBUTE): value
        for name, value in row.items()
        if name.startswith(ATTRIBUTE)
    }
    try:
        written = json.dumps(attributes, allow_nan=False, ensure_ascii=False)
    except (ValueError, RecursionError) as error:
        raise RowError(
            say("attributes are not JSON"), say("attributes cannot be stored: {error}", error=error)
        ) from error
    # PostgreSQL refuses NUL in JSON, even escaped.
    check_characters(written.replace("\\\\", "").replace("\\u0000", "\0"), "attributes")
    return attributes


def _name_attributes(given: list[Any]) -> Any:
    """Return an object of a list such as [{"name": "Colour", "options": ["Red"]}]."""
    found: dict[str, Any] = {}
    for each in given:
        name = each.get("name") or each.get("key") if isinstance(each, dict) else None
        if not isinstance(name, str):
            return given
        values = (each[key] for key in ("value", "values", "options", "option") if key in each)
        found[name] = next(values, None)
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def _refuse_attributes(value: Any) -> RowError:
    return RowError(
        say("attributes are not JSON"),
        say("attributes {value} are not a JSON object", value=quote(value)),
    )
