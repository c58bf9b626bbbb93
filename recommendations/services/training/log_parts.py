"""The files of a log in Parquet: one part for each day, and `log.json`, which says what is there.

    log.json                             the parts and their rows, when all of them are written
    products.parquet                     the catalogue that recommenders learn of
    interactions/day=2026-03-01.parquet  what happened on that day (UTC), the oldest first
    orders/day=2026-03-01.parquet        the lines of that day's orders, the oldest first

Each part names its schema and a digest of the rows that it was written from, so the next export
finds the parts that are still true.
"""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

from recommendations.errors import TrainingLogError
from recommendations.services.infra.storage_errors import list_storage_errors

SCHEMA_VERSION = 1
"""Grows when a column changes its name, kind or meaning; a reader refuses every other version."""
INTERACTIONS, ORDERS = "interactions", "orders"
PRODUCTS_PART = "products.parquet"
MANIFEST = "log.json"
DAY_PART = "day=????-??-??.parquet"
"""The pattern of the names of day parts in the folder of their table."""

WHOLE, TEXT, DECIMAL, SWITCH, TIME = "int64", "string", "double", "bool", "time"
COLUMNS: Mapping[str, Mapping[str, str]] = {
    INTERACTIONS: {
        "id": WHOLE,
        "subject": TEXT,
        "product_id": WHOLE,
        "interaction_type": TEXT,
        "rating": DECIMAL,
        "timestamp": TIME,
    },
    ORDERS: {
        "id": WHOLE,
        "order_id": WHOLE,
        "subject": TEXT,
        "product_id": WHOLE,
        "quantity": WHOLE,
        "price": TEXT,
        "status": TEXT,
        "created_at": TIME,
    },
    "products": {
        "id": WHOLE,
        "name": TEXT,
        "categories": TEXT,
        "brand": TEXT,
        "is_repeatable": SWITCH,
    },
}
"""`subject` is "u" and the shopper's number, or "s" and the visitor's session; empty if erased."""

_DIGEST = b"shop.digest"
_SCHEMA = b"shop.schema"
_NO_MANIFEST: tuple[type[Exception], ...] = (ValueError, KeyError, TypeError)
"""What a file that is no manifest raises."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a whole log has: how many rows each part holds, and up to which interaction."""

    newest_interaction_id: int
    rows: Mapping[str, int]

    def list_parts(self, table: str) -> list[str]:
        """Return the day parts of a table, the oldest first."""
        return sorted(name for name in self.rows if name.startswith(f"{table}/"))


def open_folder(location: str) -> Path:
    """Return the folder of a log: a path, or an address such as "s3://bucket/log".

    What is at an address behaves like a path (universal-pathlib over fsspec).

    Raises:
        TrainingLogError: A library that reads such addresses is missing.
    """
    if "://" not in location:
        return Path(location)
    try:
        from upath import UPath  # noqa: PLC0415 - not every shop has it

        folder = UPath(location)
        # The library of the storage is imported when it is first asked for.
        assert folder.fs is not None  # noqa: S101
    except (ImportError, ValueError) as missing:
        raise TrainingLogError(
            f"A log at {location} cannot be opened: {missing}. Install the libraries with "
            "`pip install universal-pathlib`, and for storage compatible with S3 "
            "`pip install s3fs` too."
        ) from missing
    return cast(Path, folder)


def check_library() -> None:
    """Raise TrainingLogError if the library that reads and writes Parquet is missing."""
    if find_spec("pyarrow") is None:
        raise TrainingLogError(
            "A log in Parquet needs the library pyarrow, which takes 170 MB and is not installed. "
            "Install it with `pip install pyarrow`."
        )


@contextmanager
def open_part(path: Path, table: str, digest: str) -> Iterator[Any]:
    """Yield a `ParquetWriter`; the part appears when it is complete, for its owner alone."""
    import pyarrow as pa  # noqa: PLC0415 - not every shop has it
    from pyarrow import parquet  # noqa: PLC0415

    fields = [
        (name, pa.timestamp("us", tz="UTC") if kind == TIME else pa.type_for_alias(kind))
        for name, kind in COLUMNS[table].items()
    ]
    metadata = {_DIGEST: digest.encode(), _SCHEMA: str(SCHEMA_VERSION).encode()}
    make_folder(path.parent)
    with (
        _replace(path) as unfinished,
        parquet.ParquetWriter(
            unfinished,
            pa.schema(fields, metadata=metadata),
            compression="zstd",
            write_page_checksum=True,
        ) as writer,
    ):
        yield writer


def count_true_rows(path: Path, digest: str) -> int | None:
    """Return how many rows the part holds; None unless it was written from this digest."""
    import pyarrow as pa  # noqa: PLC0415 - not every shop has it
    from pyarrow import parquet  # noqa: PLC0415

    try:
        with path.open("rb") as file:
            footer = parquet.read_metadata(file)
    except (*list_storage_errors(), pa.ArrowInvalid):
        return None
    written = footer.metadata or {}
    is_true = (written.get(_SCHEMA), written.get(_DIGEST)) == (
        str(SCHEMA_VERSION).encode(),
        digest.encode(),
    )
    return int(footer.num_rows) if is_true else None


def make_folder(folder: Path) -> None:
    """Make a folder for its owner alone; storage at an address needs none."""
    if _is_local(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def delete_unfinished(folder: Path) -> None:
    """Delete the files that an export was writing when its process was killed.

    Only files that `_replace` names are deleted: the folder may hold something else too.
    """
    if not _is_local(folder):
        return
    for name in (MANIFEST, PRODUCTS_PART, f"{INTERACTIONS}/{DAY_PART}", f"{ORDERS}/{DAY_PART}"):
        parent, _, part = name.rpartition("/")
        for path in (folder / parent).glob(f".{part}.*"):
            path.unlink(missing_ok=True)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Say that the log is whole."""
    content = {
        "schema": SCHEMA_VERSION,
        "newest_interaction_id": manifest.newest_interaction_id,
        "rows": dict(sorted(manifest.rows.items())),
    }
    with _replace(folder / MANIFEST) as unfinished:
        unfinished.write_text(json.dumps(content, indent=1))


def read_manifest(folder: Path) -> Manifest:
    """Return what the log has.

    Raises:
        TrainingLogError: There is no whole log of this version.
    """
    try:
        content = json.loads((folder / MANIFEST).read_text())
        # Another version may call the rest otherwise.
        _check_schema(folder, content["schema"])
        return Manifest(content["newest_interaction_id"], content["rows"])
    except FileNotFoundError as missing:
        raise TrainingLogError(
            f"{folder} holds no whole log. Run `manage.py export_log --to {folder}`; an export "
            "that was interrupted goes on where it stopped."
        ) from missing
    except (*list_storage_errors(), *_NO_MANIFEST) as damage:
        raise TrainingLogError(
            f"{folder / MANIFEST} cannot be read: {damage}. Export the log again."
        ) from damage


def _check_schema(folder: Path, schema: object) -> None:
    if schema != SCHEMA_VERSION:
        raise TrainingLogError(
            f"The log in {folder} has schema {schema}, and this release reads {SCHEMA_VERSION}. "
            "Export the log again."
        )


def read_part(folder: Path, manifest: Manifest, name: str) -> Any:
    """Return a part as an Arrow table.

    Raises:
        TrainingLogError: The part is missing or damaged, or is not the one of the manifest.
    """
    import pyarrow as pa  # noqa: PLC0415 - not every shop has it
    from pyarrow import parquet  # noqa: PLC0415

    table_name = name.partition("/")[0].removesuffix(".parquet")
    try:
        # The name of a part would become a column of its own if Arrow saw its folder.
        with (folder / name).open("rb") as file:
            table = parquet.read_table(
                file, columns=list(COLUMNS[table_name]), page_checksum_verification=True
            )
    except (*list_storage_errors(), pa.ArrowInvalid) as damage:
        raise _make_damage_error(folder / name, damage) from damage
    _check_rows(folder, manifest, name, table.num_rows)
    return table


def read_digest(folder: Path, manifest: Manifest, name: str, *, verify_pages: bool) -> str:
    """Return the digest of the rows that a part was written from, and how many there are.

    To verify the checksums of its pages, the whole part is read, a group of rows at a time.

    Raises:
        TrainingLogError: The part is missing or damaged, or is not the one of the manifest.
    """
    import pyarrow as pa  # noqa: PLC0415 - not every shop has it
    from pyarrow import parquet  # noqa: PLC0415

    try:
        with (folder / name).open("rb") as file:
            part = parquet.ParquetFile(file, page_checksum_verification=verify_pages)
            footer = part.metadata
            for group in range(footer.num_row_groups if verify_pages else 0):
                part.read_row_group(group)
    except (*list_storage_errors(), pa.ArrowInvalid) as damage:
        raise _make_damage_error(folder / name, damage) from damage
    _check_rows(folder, manifest, name, footer.num_rows)
    digest = (footer.metadata or {}).get(_DIGEST, b"").decode()
    return f"{name} {footer.num_rows} {digest}"


def _make_damage_error(path: Path, damage: Exception) -> TrainingLogError:
    # An export keeps a part that is damaged behind a whole footer.
    return TrainingLogError(
        f"{path} cannot be read: {damage}. Delete it if it is there, then export the log again."
    )


def _check_rows(folder: Path, manifest: Manifest, name: str, n_rows: int) -> None:
    if n_rows != manifest.rows[name]:
        raise TrainingLogError(
            f"{folder / name} has {n_rows:,} rows instead of {manifest.rows[name]:,}: an export "
            "has changed it meanwhile. Wait for the export, then try again."
        )


@contextmanager
def _replace(path: Path) -> Iterator[Path]:
    """Yield a file that takes the place of `path` when the block ends well.

    It lies beside `path`; what goes to an address lies on this machine and is sent as a whole.
    """
    is_local = _is_local(path)
    handle, name = tempfile.mkstemp(dir=path.parent if is_local else None, prefix=f".{path.name}.")
    os.close(handle)
    unfinished = Path(name)
    try:
        yield unfinished
        if is_local:
            unfinished.replace(path)
        else:
            cast(Any, path).fs.put_file(name, cast(Any, path).path)
    finally:
        unfinished.unlink(missing_ok=True)


def _is_local(path: Path) -> bool:
    return isinstance(path, Path)
