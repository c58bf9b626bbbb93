"""Small files to import, and the imports of them."""

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recommendations.services.data_import import (
    ImportPlan,
    ImportReport,
    Layout,
)
from recommendations.services.data_import import import_data as run_import

LAMP = "id,name,category,price\nL1,Desk lamp,Lamps,39.90\n"


def write_file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    content = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def to_json_lines(*rows: Mapping[str, Any]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def import_products(
    folder: Path, content: str | bytes, *, name: str = "products.csv", **layout: Any
) -> ImportReport:
    path = write_file(folder, name, content)
    return run_import(ImportPlan("shop", products=path, product_layout=Layout(**layout)))


def import_log(
    folder: Path, content: str | bytes, *, name: str = "log.csv", **layout: Any
) -> ImportReport:
    """Import interactions with the one product L1."""
    return run_import(
        ImportPlan(
            "shop",
            products=write_file(folder, "products.csv", LAMP),
            interactions=write_file(folder, name, content),
            interaction_layout=Layout(**layout),
        )
    )


def list_problems(report: ImportReport) -> list[str]:
    return [str(problem) for problem in report.problems]
