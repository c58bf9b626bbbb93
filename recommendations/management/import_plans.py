"""Make the plan of an import from the options of the command."""

import codecs
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.management.base import CommandError

from recommendations.services.data_import import (
    TYPES,
    ImportPlan,
    Layout,
    RowError,
    parse_events,
    parse_mapping,
    parse_price,
    parse_stock,
)


def make_plan(options: dict[str, Any]) -> ImportPlan:
    """Return the plan that the options describe.

    Raises:
        CommandError: An option is wrong, or contradicts another.
        DataImportError: A mapping or an event is malformed.
    """
    if options["errors"] and options["errors"] in (options["products"], options["interactions"]):
        raise CommandError(f"--errors {options['errors']} would overwrite what is imported.")
    defaults = _parse_product_defaults(options)
    if options["preset"]:
        return _make_preset_plan(options, defaults)
    if options["folder"]:
        raise CommandError(
            f"{options['folder']} needs --preset; name files with --products and --interactions."
        )
    if not (options["products"] or options["interactions"]):
        raise CommandError(
            "Name a file with --products or --interactions, or a data set with --preset."
        )
    if not options["source"]:
        raise CommandError("--source is missing: a short name for where these ids come from.")
    product_columns, interaction_columns = parse_mapping(options["map"])
    let_go = frozenset(options["ignore"])
    for file, columns in (("products", product_columns), ("interactions", interaction_columns)):
        if any(columns.values()) and not options[file]:
            raise CommandError(f"--map names a field of {file}, but there is no --{file} file.")
    default_type = options["default_type"]
    if default_type and default_type not in TYPES:
        raise CommandError(f"--default-type {default_type} is none of {', '.join(TYPES)}.")
    return ImportPlan(
        source=options["source"],
        products=options["products"],
        interactions=options["interactions"],
        product_layout=_make_layout(product_columns, let_go, defaults),
        interaction_layout=_make_layout(
            interaction_columns,
            let_go,
            {"interaction_type": default_type} if default_type else {},
        ),
        format=options["format"],
        events=parse_events(options["event"]),
        time_zone=_find_time_zone(options["time_zone"]),
        day_first=options["day_first"],
        encoding=_check_encoding(options["encoding"]),
        sells_at_zero=options["sell_at_zero"],
        is_complete=options["complete"],
        takes_down_many=options["take_down_many"],
    )


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
        raise CommandError(f"--time-zone {name} is no time zone; Europe/Berlin is one.") from error


def _check_encoding(name: str) -> str:
    try:
        return codecs.lookup(name).name if name else ""
    except LookupError as error:
        raise CommandError(f"--encoding {name} is no encoding; cp1252 is one.") from error


def _make_preset_plan(options: dict[str, Any], defaults: dict[str, Any]) -> ImportPlan:
    try:
        # Only a checkout has the presets of research data sets; the Docker image does not.
        from benchmarks.import_presets import PRESETS, plan_import  # noqa: PLC0415
    except ImportError as missing:
        raise CommandError(
            "--preset needs the folder benchmarks/ of a checkout, which is not here."
        ) from missing
    for name in ("products", "interactions", "map", "default_type"):
        if options[name]:
            raise CommandError(
                f"--{name.replace('_', '-')} cannot be used with --preset, which knows its files."
            )
    if options["preset"] in PRESETS and not options["folder"]:
        raise CommandError(
            f"The folder is missing: import_data --preset {options['preset']} FOLDER."
        )
    return plan_import(
        options["preset"],
        options["folder"] or Path(),
        source=options["source"],
        defaults=defaults,
    )


def _parse_product_defaults(options: dict[str, Any]) -> dict[str, Any]:
    defaults: dict[str, Any] = {}
    try:
        if options["default_price"] is not None:
            defaults["price"] = parse_price(options["default_price"])
        if options["default_stock"] is not None:
            defaults["stock"] = parse_stock(options["default_stock"])
    except RowError as error:
        raise CommandError(f"--default-{error}.") from error
    return defaults
