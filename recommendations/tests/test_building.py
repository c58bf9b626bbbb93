"""`make image` and `make sbom`: which engine builds, and which packages are listed."""

import os
import subprocess
from pathlib import Path

import pytest

from deploy.sbom import describe_npm_packages, list_python_packages
from recommendations.tests.test_settings import ROOT


def run_build(programs: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", ROOT / "deploy" / "build_image.sh"],
        env={"PATH": f"{programs}{os.pathsep}/usr/bin{os.pathsep}/bin", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder of engines: only podman works, and says what it is asked."""
    for name, script in {
        "docker": "exit 1",
        "podman": 'echo "podman $*"',
        "buildah": "exit 1",
    }.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    return tmp_path


def test_the_first_engine_that_works_builds_with_the_extras(programs: Path) -> None:
    built = run_build(programs, EXTRAS="artifacts traces", BUILD_OPTIONS="--pull=false")

    assert (
        "podman build --format docker --pull=false --build-arg EXTRAS=artifacts traces "
        "--tag shop:latest --file Dockerfile ." in built.stdout
    )
    assert built.returncode == 0


def test_without_an_engine_that_works_the_build_says_what_to_do(programs: Path) -> None:
    (programs / "podman").write_text("#!/bin/sh\nexit 1\n")

    built = run_build(programs)

    assert built.returncode == 1
    assert built.stderr == (
        "Neither Docker nor podman nor buildah works here: install one, or start its service.\n"
    )


def test_an_extra_brings_its_packages_and_each_package_has_one_version() -> None:
    plain, with_artifacts = list_python_packages([]), list_python_packages(["artifacts"])

    added = [one.partition("==")[0] for one in with_artifacts if one not in plain]
    names = [one.partition("==")[0] for one in with_artifacts]
    assert "django-storages" in added
    assert set(plain) <= set(with_artifacts)
    assert len(names) == len(set(names))


def test_the_storefront_lists_what_runs_and_not_what_builds() -> None:
    names = [one["name"] for one in describe_npm_packages()]

    assert {"react", "react-dom", "@tanstack/react-query"} <= set(names)
    assert "vite" not in names
