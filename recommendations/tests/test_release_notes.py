"""The notes of a release are what the changelog says of it."""

import subprocess
import sys

import pytest

from deploy.release_notes import CHANGELOG, read_notes

TEXT = """# Changelog

## [Unreleased]

### Added
- Tomorrow.

## [0.2.0] - 2026-02-01

### Added
- Hats, see [docs](docs/hats.md).

### Fixed
- A seam.

## [0.2] - 2026-01-01

- Shoes.

[0.2.0]: https://shop.example/compare
"""


def test_the_notes_of_a_version_are_its_section_without_its_heading() -> None:
    notes = read_notes(TEXT, "0.2.0")

    assert notes == "### Added\n- Hats, see [docs](docs/hats.md).\n\n### Fixed\n- A seam.\n"


def test_the_last_section_ends_where_the_addresses_begin() -> None:
    assert read_notes(TEXT, "0.2") == "- Shoes.\n"


def test_what_is_not_released_is_no_section_of_a_version() -> None:
    with pytest.raises(ValueError, match=r"says nothing of 0\.3\.0"):
        read_notes(TEXT, "0.3.0")


def test_the_changelog_is_read_by_the_command_that_the_workflow_runs() -> None:
    script = str(CHANGELOG.parent / "deploy" / "release_notes.py")
    command = [sys.executable, script, "vUnreleased"]

    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert printed.startswith("### Added\n- ")
    assert printed in CHANGELOG.read_text()
