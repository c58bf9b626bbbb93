"""The image can be built from what `.dockerignore` lets through."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from recommendations.tests.image_build import (
    ROOT,
    FolderBuild,
    copy_context,
    list_context,
    list_copied_files,
    read_stages,
)
from recommendations.tests.test_settings import COMPLETE


def test_the_context_holds_all_that_the_image_copies() -> None:
    context = list_context()

    missing = [
        name
        for name in list_copied_files()
        if not any(path == name or path.startswith(f"{name.rstrip('/')}/") for path in context)
    ]

    assert missing == []


def test_the_context_holds_all_that_the_compiler_of_the_storefront_reads() -> None:
    listed = [
        subprocess.run(
            ["node_modules/.bin/tsc", "--listFilesOnly", "--project", project],
            cwd=ROOT / "frontend",
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for project in ("tsconfig.app.json", "tsconfig.node.json")
    ]

    read = [Path(line) for line in "".join(listed).splitlines() if "/node_modules/" not in line]
    own = {str(path.relative_to(ROOT)) for path in read if path.is_relative_to(ROOT)}
    assert "frontend/src/main.tsx" in own
    assert own - set(list_context()) == set()


def test_the_application_starts_from_what_the_context_holds(tmp_path: Path) -> None:
    context = copy_context(tmp_path / "context")

    checked = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=context,
        env=os.environ
        | COMPLETE
        | {
            "DJANGO_SETTINGS_MODULE": "ecommerce_rec.settings_prod",
            "VAR_DIR": str(tmp_path / "var"),
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stderr


def test_the_lock_has_the_packages_of_every_platform_and_no_address() -> None:
    packages = json.loads((ROOT / "frontend/package-lock.json").read_text())["packages"]

    wanted = {
        name for package in packages.values() for name in package.get("optionalDependencies", {})
    }
    locked = {path.rpartition("node_modules/")[2] for path in packages}
    assert "@tailwindcss/oxide-darwin-arm64" in wanted
    assert wanted - locked == set()
    assert [path for path, package in packages.items() if "resolved" in package] == []


def test_nothing_private_is_in_the_context() -> None:
    kept_outside = (
        "var/",
        ".git",
        ".venv/",
        ".env",
        "frontend/node_modules",
        "recommendations/tests",
    )

    assert [path for path in list_context() if path.startswith(kept_outside)] == []
    assert [path for path in list_context() if Path(path).name.startswith(".env")] == []


@pytest.mark.image
def test_every_stage_of_the_image_is_built_from_what_the_context_holds() -> None:
    # Not in pytest's folder, which stays: an image takes a gigabyte.
    with TemporaryDirectory(prefix="shop-image-") as folder:
        build = FolderBuild(copy_context(Path(folder) / "context"), Path(folder))

        final = [build.build(stage) for stage in read_stages()][-1]

        assert (final / "app/frontend/dist/index.html").is_file()
        assert (final / "app/static/staticfiles.json").is_file()
        assert list((final / "app/static/storefront/assets").glob("*.js.br"))
        # root collects them, the account of the shop serves them.
        collected = [path for path in (final / "app/static").rglob("*") if path.is_file()]
        assert [path for path in collected if not path.stat().st_mode & stat.S_IROTH] == []
        # What root leaves in the folder of the volume, the shop cannot write.
        assert not (final / "app/var").exists()
        # The base image takes another 125 MB, and all shall take 700.
        megabytes = sum(
            path.stat().st_size / 1e6
            for path in final.rglob("*")
            if path.is_file() and not path.is_symlink()
        )
        assert megabytes <= 575
