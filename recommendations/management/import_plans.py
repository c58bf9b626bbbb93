"""Make the plan of an import from the options of the command."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from recommendations.services.data_import import (
    ImportPlan,
    parse_product_defaults,
    plan_files,
)


def make_plan(options: dict[str, Any]) -> ImportPlan:
    """Return the plan that the options describe.

    Raises:
        CommandError: An option is missing, or contradicts another.
        DataImportError: An option has a value that it cannot have.
    """
    if options["errors"] and options["errors"] in (options["products"], options["interactions"]):
        raise CommandError(f"--errors {options['errors']} would overwrite what is imported.")
    if options["preset"]:
        return _make_preset_plan(options)
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
    return plan_files(
        options,
        source=options["source"],
        products=options["products"],
        interactions=options["interactions"],
    )


def _make_preset_plan(options: dict[str, Any]) -> ImportPlan:
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
        defaults=parse_product_defaults(options),
    )
