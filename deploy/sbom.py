"""Write what the image contains, in CycloneDX's format: python deploy/sbom.py FOLDER.

Two files: the Python packages of the lock, with those of the extras that EXTRAS names, and the npm
packages that the storefront runs with. Neither has what the base image brings.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
# The image's, whatever runs here: some packages of the lock are for other versions.
PYTHON = {"python_version": "3.11", "python_full_version": "3.11.14", "sys_platform": "linux"}


def main() -> None:
    """Write both files into the folder that the command line names."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    python, storefront = folder / "python.cdx.json", folder / "storefront.cdx.json"
    packages = list_python_packages(os.environ.get("EXTRAS", "").split())
    subprocess.run(
        [sys.executable, "-m", "cyclonedx_py", "requirements", "-", "--output-file", python],
        input="\n".join(packages),
        text=True,
        check=True,
    )
    # `npm sbom --omit dev` leaves out packages that others name as their peers, such as React.
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "components": describe_npm_packages(),
    }
    storefront.write_text(f"{json.dumps(document, indent=2)}\n")
    print(f"{python}\n{storefront}")


def list_python_packages(extras: Sequence[str]) -> list[str]:
    """Return the packages of the image with these extras, each once, as `name==version`."""
    files = ["requirements.txt", *(f"requirements-{extra}.txt" for extra in extras)]
    lines = [line for file in files for line in (ROOT / file).read_text().splitlines()]
    wanted = [Requirement(line) for line in lines if line and line[0] not in " #-"]
    return sorted(
        {
            f"{one.name}{one.specifier}"
            for one in wanted
            if one.marker is None or one.marker.evaluate(dict(PYTHON))
        }
    )


def describe_npm_packages() -> list[dict[str, Any]]:
    """Return CycloneDX's component of each package that the storefront runs with."""
    locked = json.loads((ROOT / "frontend" / "package-lock.json").read_text())["packages"]
    components = {}
    for path, package in locked.items():
        if not path or package.get("dev"):
            continue
        name, version = path.rpartition("node_modules/")[2], package["version"]
        address = f"pkg:npm/{name.replace('@', '%40')}@{version}"
        components[address] = {
            "type": "library",
            "bom-ref": address,
            "name": name,
            "version": version,
            "purl": address,
        }
        if "license" in package:
            components[address]["licenses"] = [{"expression": package["license"]}]
    return [components[address] for address in sorted(components)]


if __name__ == "__main__":
    main()
