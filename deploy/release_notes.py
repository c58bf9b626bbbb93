"""Print what the changelog says of a release, for the page of the release.

`python deploy/release_notes.py v0.2.0` does so.
"""

import re
import sys
from pathlib import Path

CHANGELOG = Path(__file__).parent.parent / "CHANGELOG.md"


def read_notes(changelog: str, version: str) -> str:
    """Return the section of a version, without its heading.

    Raises:
        ValueError: The changelog has no such section, or an empty one.
    """
    section = re.compile(
        rf"^## \[{re.escape(version)}\][^\n]*\n(.*?)(?=^## \[|^\[[^\]]+\]: |\Z)", re.M | re.S
    )
    found = section.search(changelog)
    if found is None or not found[1].strip():
        raise ValueError(
            f"The changelog says nothing of {version}: rename the section [Unreleased]."
        )
    return found[1].strip() + "\n"


if __name__ == "__main__":
    try:
        print(read_notes(CHANGELOG.read_text(), sys.argv[1].removeprefix("v")), end="")
    except ValueError as missing:
        sys.exit(str(missing))
