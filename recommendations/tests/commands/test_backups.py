"""A shop is backed up, lost and restored, each step by a command in a process of its own."""

import json
import os
import stat
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import psycopg2
import pytest
from django.conf import settings
from django.db import connection

pytestmark = [pytest.mark.django_db, pytest.mark.stateful]

SHOW_SHOP = """
from django.apps import apps
from django.contrib.auth.models import User
from recommendations.services.lists import ListContext, recommend
from recommendations.services.people.subjects import Subject
from recommendations.models import Product
for model in apps.get_models(include_auto_created=True):
    rows = sorted(map(repr, model.objects.values_list()))
    print(model._meta.db_table, len(rows), hash(tuple(rows)))
for user in User.objects.filter(is_staff=False).order_by("pk")[:5]:
    found = recommend(context=ListContext(Subject(user_id=user.pk)), count=10)
    print(user.pk, found.source.value, [entry.product_id for entry in found.entries])
Product.objects.create(name="after the restore", price=1)
"""


class Shop:
    """A shop with a database and a folder of its own."""

    def __init__(self, folder: Path, database_url: str) -> None:
        folder.mkdir()
        self.folder = folder
        self.environment = {
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "ecommerce_rec.settings_dev",
            "VAR_DIR": str(folder),
            "DATABASE_URL": database_url,
            "PYTHONHASHSEED": "0",
            "LOG_LEVEL": "WARNING",
        }

    def run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *map(str, arguments)],
            cwd=settings.BASE_DIR,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def must(self, *arguments: object) -> str:
        """Run a command that ends well; return what it printed."""
        ended = self.run(*arguments)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def show(self) -> str:
        return self.must("shell", "--no-imports", "--command", SHOW_SHOP)


@pytest.fixture
def databases() -> Iterator[list[str]]:
    """Addresses of two empty databases of the kind that the tests run on."""
    if connection.vendor == "sqlite":
        yield ["", ""]
        return
    options = connection.settings_dict
    server = f"{options['HOST']}:{options['PORT'] or 5432}"
    password = f":{options['PASSWORD']}" if options["PASSWORD"] else ""
    names = [f"backup_{uuid4().hex}" for _ in range(2)]
    root = psycopg2.connect(f"postgres://{options['USER']}{password}@{server}/postgres")
    root.autocommit = True
    with root.cursor() as cursor:
        for name in names:
            cursor.execute(f"CREATE DATABASE {name}")
        yield [f"postgres://{options['USER']}{password}@{server}/{name}" for name in names]
        for name in names:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    root.close()


@pytest.fixture
def shops(tmp_path: Path, databases: list[str]) -> list[Shop]:
    addresses = [
        address or f"sqlite:///{tmp_path}/{name}/db.sqlite3"
        for address, name in zip(databases, ("old", "new"), strict=True)
    ]
    return [Shop(tmp_path / "old", addresses[0]), Shop(tmp_path / "new", addresses[1])]


def test_a_restored_shop_has_every_row_and_makes_the_same_personal_lists(
    shops: list[Shop], tmp_path: Path
) -> None:
    old, new = shops
    backup = tmp_path / "shop.tar.gz"
    old.must("migrate", "--verbosity", 0)
    old.must("populate_sample_data", "--products", 100, "--users", 60, "--interactions", 3_000)
    old.must("train_models")
    picture = old.folder / "media" / "products" / "one.svg"
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_text("<svg/>")

    old.must("back_up", backup)
    before = old.show()
    new.must("restore", backup)

    assert "model [" in before
    assert new.show() == before
    assert (new.folder / "media" / "products" / "one.svg").read_text() == "<svg/>"
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []


def test_a_shop_with_data_is_replaced_only_when_told(shops: list[Shop], tmp_path: Path) -> None:
    old, new = shops
    backup = tmp_path / "shop.tar.gz"
    old.must("migrate", "--verbosity", 0)
    old.must("back_up", backup)
    new.must("migrate", "--verbosity", 0)
    new.show()

    refused = new.run("restore", backup)
    kept = new.show()
    new.must("restore", backup, "--replace")

    assert refused.returncode == 1
    assert "Nothing was restored; --replace drops it." in refused.stderr
    assert "\nproducts 1 " in kept
    assert "\nproducts 0 " in new.show()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "cannot be read as a backup"),
        (b"no archive", "cannot be read as a backup"),
        (None, "is no backup that this release knows"),
    ],
)
def test_what_is_no_backup_is_refused(
    shops: list[Shop], tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    path = tmp_path / "odd.tar.gz"
    if content is None:
        with tarfile.open(path, "w:gz") as archive:
            archive.add(__file__, "manifest.txt")
    else:
        path.write_bytes(content)

    refused = shops[0].run("restore", path, "--replace")

    assert (refused.returncode, sentence in refused.stderr) == (1, True)
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("name", "kind"), [("../outside", tarfile.REGTYPE), ("models/link", tarfile.SYMTYPE)]
)
def test_a_backup_writes_files_below_its_folders_alone(
    shops: list[Shop], tmp_path: Path, name: str, kind: bytes
) -> None:
    manifest = json.dumps({"format": 1, "vendor": connection.vendor}).encode()
    odd = tarfile.TarInfo(name)
    odd.type, odd.linkname = kind, f"{tmp_path / 'outside'}"
    path = tmp_path / "odd.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        first = tarfile.TarInfo("manifest.json")
        first.size = len(manifest)
        archive.addfile(first, BytesIO(manifest))
        archive.addfile(odd)

    refused = shops[0].run("restore", path, "--replace")

    assert refused.returncode == 1
    assert f"{name} does not belong into a backup. Nothing was restored." in refused.stderr
    assert [*tmp_path.rglob("outside"), *tmp_path.rglob("link")] == []


def test_a_backup_overwrites_no_file(shops: list[Shop], tmp_path: Path) -> None:
    taken = tmp_path / "shop.tar.gz"
    taken.write_text("mine")

    refused = shops[0].run("back_up", taken)

    assert (refused.returncode, taken.read_text()) == (1, "mine")
    assert "is there already. Nothing was written." in refused.stderr
