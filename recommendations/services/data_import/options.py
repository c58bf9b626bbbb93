"""The options of an import as people write them: for the command, and in the form of a feed."""

import argparse
import codecs
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from recommendations.errors import DataImportError
from recommendations.record_files import RowError
from recommendations.sentences import get_sentence, say
from recommendations.services.data_import.events import TYPES, parse_events
from recommendations.services.data_import.fields import Layout
from recommendations.services.data_import.mapping import parse_mapping
from recommendations.services.data_import.number_styles import WORDS
from recommendations.services.data_import.plan import ImportPlan
from recommendations.services.data_import.prices import parse_price
from recommendations.services.data_import.values import parse_stock

DECIMALS = {word: mark for mark, word in WORDS.items()}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how a file is to be read."""
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="COLUMN=FIELD",
        help="The column that holds a field, if the column has another name; may be repeated. "
        "A column may be a path into nested values (items.0.price). A prefix of products. or "
        "interactions. limits it to that file.",
    )
    parser.add_argument(
        "--ignore",
        action="append",
        default=[],
        metavar="COLUMN",
        help="A column that is not read, whatever its name; may be repeated.",
    )
    parser.add_argument(
        "--event",
        action="append",
        default=[],
        metavar="NAME=TYPE",
        help=f"What an event of this name is: {', '.join(TYPES)}; may be repeated.",
    )
    parser.add_argument(
        "--time-zone",
        default="UTC",
        metavar="ZONE",
        help="Where the clocks ran that wrote times without an offset, such as Europe/Berlin.",
    )
    parser.add_argument(
        "--day-first",
        action="store_true",
        default=None,
        help="Read 03/04/2022 as the third of April, where no other date tells.",
    )
    parser.add_argument(
        "--decimal",
        choices=[*DECIMALS],
        help="What stands before the decimals of prices and pieces such as 1.249, which could be "
        "1249, where no other number of the file tells.",
    )
    parser.add_argument(
        "--encoding", default="", metavar="NAME", help="The encoding, if it is taken wrongly."
    )
    parser.add_argument(
        "--sell-at-zero", action="store_true", help="Sell products with a price of 0."
    )
    parser.add_argument(
        "--default-price", metavar="PRICE", help="Price of new products without a price."
    )
    parser.add_argument(
        "--default-stock",
        metavar="PIECES",
        help="Stock of new products without a stock (100).",
    )
    parser.add_argument(
        "--default-type",
        metavar="TYPE",
        help=f"Type of interactions without a type: {', '.join(TYPES)}.",
    )


def parse_options(text: str) -> dict[str, Any]:
    """Return the options of a text, as the command line has them; lines may separate them.

    Raises:
        DataImportError: There is no such option, or one lacks its value.
    """
    parser = _OptionParser(prog="", add_help=False, allow_abbrev=False)
    add_options(parser)
    try:
        return vars(parser.parse_args(shlex.split(text)))
    except ValueError as error:
        raise DataImportError(
            say("The options cannot be read: {error}.", error=str(error).lower())
        ) from error


class _OptionParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise DataImportError(say("The options cannot be read: {message}.", message=message))


def plan_files(
    options: Mapping[str, Any],
    *,
    source: str,
    products: Path | None = None,
    interactions: Path | None = None,
) -> ImportPlan:
    """Return the plan of an import with these options.

    `format`, `complete` and `take_down_many` are among them, as the command has them.

    Raises:
        DataImportError: An option has a value that it cannot have.
    """
    files = {"products": products, "interactions": interactions}
    product_columns, interaction_columns = parse_mapping(options["map"])
    let_go = frozenset(options["ignore"])
    for file, columns in (("products", product_columns), ("interactions", interaction_columns)):
        if any(columns.values()) and not files[file]:
            raise DataImportError(
                say("--map names a field of {file}, but there is no --{file} file.", file=file)
            )
    default_type = options["default_type"]
    if default_type and default_type not in TYPES:
        raise DataImportError(
            say(
                "--default-type {default_type} is none of {types}.",
                default_type=default_type,
                types=", ".join(TYPES),
            )
        )
    return ImportPlan(
        source=source,
        products=products,
        interactions=interactions,
        product_layout=_make_layout(product_columns, let_go, parse_product_defaults(options)),
        interaction_layout=_make_layout(
            interaction_columns,
            let_go,
            {"interaction_type": default_type} if default_type else {},
        ),
        format=options["format"],
        events=parse_events(options["event"]),
        time_zone=_find_time_zone(options["time_zone"]),
        day_first=options["day_first"],
        decimal=DECIMALS.get(options["decimal"] or ""),
        encoding=_check_encoding(options["encoding"]),
        sells_at_zero=options["sell_at_zero"],
        is_complete=options["complete"],
        takes_down_many=options["take_down_many"],
    )


def parse_product_defaults(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of new products whose row gives none."""
    defaults: dict[str, Any] = {}
    try:
        if options["default_price"] is not None:
            defaults["price"] = parse_price(options["default_price"])
        if options["default_stock"] is not None:
            defaults["stock"] = parse_stock(options["default_stock"])
    except RowError as error:
        raise DataImportError(say("--default-{error}.", error=get_sentence(error))) from error
    return defaults


def _make_layout(
    columns: dict[str, str], let_go: frozenset[str], defaults: dict[str, Any]
) -> Layout:
    """Return the layout of one file; a column that is mapped to nothing is let go."""
    return Layout(
        columns={column: field for column, field in columns.items() if field},
        let_go=let_go | {column for column, field in columns.items() if not field},
        defaults=defaults,
    )


def _find_time_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise DataImportError(
            say("--time-zone {name} is no time zone; Europe/Berlin is one.", name=name)
        ) from error


def _check_encoding(name: str) -> str:
    try:
        return codecs.lookup(name).name if name else ""
    except LookupError as error:
        raise DataImportError(
            say("--encoding {name} is no encoding; cp1252 is one.", name=name)
        ) from error
