"""`manage.py update_translations`: bring the translations of the admin up to date."""

import ast
import gettext
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import django
import unfold
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation.template import templatize

import recommendations
from recommendations.admin.names import list_names

APP = Path(recommendations.__file__).parent
THEME = Path(unfold.__file__).parent
FOLDER = APP / "locale" / "de" / "LC_MESSAGES"
PO, MO = FOLDER / "django.po", FOLDER / "django.mo"
CALLS = {"_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
         "ngettext": (1, 2), "ngettext_lazy": (1, 2),
         "say": None, "say_count": (1, 2)}  # fmt: skip
IN_TEMPLATES = re.compile(
    r"\b(?P<call>n?gettext|_)\(\s*u?(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"(?:\s*,\s*u?(?P<plural>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"))?"
)

DJANGOS = [
    gettext.translation("django", Path(django.__file__).parent / folder / "locale", ["de"])
    for folder in ("conf", "contrib/admin", "contrib/auth")
]

WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)

Message = str | tuple[str, str]


class Command(BaseCommand):
    help = (
        "For developers: find all texts of the admin, add those that are new to the translations "
        "in recommendations/locale, drop those that are gone, and compile."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        catalog = update_catalog(read_catalog(), set(find_messages()))
        with PO.open("wb") as file:
            write_po(file, catalog, sort_output=True, omit_header=False, width=100)
        MO.write_bytes(compile_catalog(catalog))
        missing = list_untranslated(catalog)
        self.stdout.write(f"{len(catalog)} texts, {len(missing)} without a translation.")
        for text in missing:
            self.stdout.write(f"  {text}")


def find_messages() -> Iterator[Message]:
    """Yield the texts of the shop's admin, of its theme, and the names of tables and columns."""
    yield from (name for name in list_names() if name and not _is_known(name))
    yield from (message for message in _find_all() if not _is_known(message))


def _is_known(message: Message) -> bool:
    """Return whether Django's own German translations have it."""
    text = message if isinstance(message, str) else message[0]
    return not text.strip() or any(text in each._catalog or (text, 0) in each._catalog  # type: ignore[attr-defined]
               for each in DJANGOS)  # fmt: skip


def _find_all() -> Iterator[Message]:
    for folder in (APP, Path(settings.BASE_DIR) / "ecommerce_rec", THEME):
        for path in sorted(folder.rglob("*.py")):
            if "tests" not in path.parts and path.parent.name != "migrations":
                yield from _find_in_code(path.read_bytes())
    for folder in (APP / "templates", THEME / "templates"):
        for path in sorted(folder.rglob("*.html")):
            yield from _find_in_template(path.read_text())


def read_catalog() -> Catalog:
    """Return the translations as they are stored."""
    with PO.open("rb") as file:
        return read_po(file, locale="de")


def update_catalog(old: Catalog, messages: set[Message]) -> Catalog:
    """Return a catalog of exactly these messages, with the translations that there are."""
    new = Catalog(
        locale="de",
        header_comment="# The German admin.",
        # A file that changed with each run could not be merged.
        creation_date=WRITTEN,
        revision_date=WRITTEN,
        project="shop",
        version="1",
        msgid_bugs_address="",
        last_translator="",
        language_team="",
        fuzzy=False,
    )
    for message in sorted(messages, key=str):
        key = message if isinstance(message, str) else message[0]
        known = old.get(key)
        kept = known.string if known is not None and _suits(known.string, message) else ""
        new.add(message, kept or (("", "") if isinstance(message, tuple) else ""))
    return new


def compile_catalog(catalog: Catalog) -> bytes:
    """Return the catalog as gettext reads it."""
    file = BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def list_untranslated(catalog: Catalog) -> list[str]:
    """Return the texts without a translation."""
    return [str(message.id) for message in catalog if message.id and not _is_full(message.string)]


def _suits(string: Any, message: Message) -> bool:
    return isinstance(string, tuple) == isinstance(message, tuple)


def _is_full(string: Any) -> bool:
    return all(string) if isinstance(string, tuple) else bool(string)


def _find_in_code(source: bytes) -> Iterator[Message]:
    for _line, message, _comments, _context in extract("python", BytesIO(source), keywords=CALLS):
        if message:
            yield tuple(message) if isinstance(message, tuple | list) else message  # type: ignore[misc]


def _find_in_template(source: str) -> Iterator[Message]:
    for found in IN_TEMPLATES.finditer(templatize(source)):
        text = ast.literal_eval(found["text"])
        plural = found["plural"] if found["call"] == "ngettext" else None
        yield (text, ast.literal_eval(plural)) if plural else text
