"""The Dockerfile and .dockerignore, read as Docker reads them, and carried out in folders."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from docker.utils.build import exclude_paths

ROOT = Path(settings.BASE_DIR)
# It makes an account of the machine: a folder has none.
NOT_IN_A_FOLDER = ("useradd",)


def list_context() -> list[str]:
    """Return the files that `.dockerignore` lets through, without the two files of the build."""
    lines = [line.strip() for line in (ROOT / ".dockerignore").read_text().splitlines()]
    patterns = [line for line in lines if line and not line.startswith("#")]
    found = exclude_paths(str(ROOT), patterns)
    return sorted(
        path
        for path in found
        if path not in {"Dockerfile", ".dockerignore"} and (ROOT / path).is_file()
    )


def copy_context(folder: Path) -> Path:
    """Copy the files that `.dockerignore` lets through into a folder, and return the folder."""
    for path in list_context():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, folder / path)
    return folder


@dataclass
class Stage:
    """A stage of the Dockerfile: its name, or its number, and its instructions in order."""

    name: str
    instructions: list[tuple[str, str]] = field(default_factory=list)


def read_stages() -> list[Stage]:
    """Return the stages of the Dockerfile."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    stages: list[Stage] = []
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        keyword, _, rest = line.strip().partition(" ")
        if keyword == "FROM":
            _, _, name = rest.partition(" AS ")
            stages.append(Stage(name or str(len(stages))))
        elif keyword:
            stages[-1].instructions.append((keyword, rest))
    return stages


def list_copied_files() -> Iterator[str]:
    """Yield what the Dockerfile copies from the context, as its COPY lines write it."""
    for stage in read_stages():
        for keyword, rest in stage.instructions:
            if keyword == "COPY" and not rest.startswith("--from="):
                yield from rest.split()[:-1]


class FolderBuild:
    """Carries out the stages of the Dockerfile, each in a folder that stands for its root.

    ARG, ENV, WORKDIR, COPY and RUN do what they do in an image, but on the system of this machine
    instead of a base image: `/app` and `/opt` in a command mean the folders of these names in the
    folder of the stage.
    """

    def __init__(
        self, context: Path, folder: Path, arguments: Mapping[str, str] | None = None
    ) -> None:
        self.context = context
        self.folder = folder
        self.arguments = arguments or {}
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        # Nothing of this shell's settings may help the build; its registries and caches may.
        unwanted = {
            "VIRTUAL_ENV",
            "DJANGO_SETTINGS_MODULE",
            "VAR_DIR",
            "STATIC_ROOT",
            "METRICS_DIR",
            "CI",
            "PYTHONDONTWRITEBYTECODE",
        }
        kept = {name: value for name, value in os.environ.items() if name not in unwanted}
        # Compiling what a check never imports would take half a minute.
        self.environment = kept | {"PATH": programs, "PIP_NO_COMPILE": "1"}

    def build(self, stage: Stage) -> Path:
        """Build a stage and return its folder; the stages it copies from must be built."""
        root = self.folder / stage.name
        root.mkdir()
        workdir, environment = root, dict(self.environment)
        for keyword, rest in stage.instructions:
            if keyword == "WORKDIR":
                workdir = root / rest.lstrip("/")
                workdir.mkdir(parents=True, exist_ok=True)
            elif keyword == "ARG":
                name, _, default = rest.partition("=")
                environment[name] = self.arguments.get(name, default.strip('"'))
            elif keyword == "ENV":
                for pair in rest.split():
                    name, _, value = pair.partition("=")
                    value = self._move_paths(value, root)
                    environment[name] = value.replace(f"${name}", environment.get(name, ""))
            elif keyword == "COPY":
                self._copy(rest, root, workdir)
            elif keyword == "RUN" and not rest.startswith(NOT_IN_A_FOLDER):
                self._run(self._move_paths(rest, root), workdir, environment)
        return root

    def _copy(self, arguments: str, root: Path, workdir: Path) -> None:
        *sources, target = arguments.split()
        origin: Path = self.context
        copy: Callable[[Any, Any], object] = shutil.copyfile
        if sources[0].startswith("--from="):
            # A hundred megabytes of packages: a link is as good as a copy.
            origin, copy = self.folder / sources.pop(0).removeprefix("--from="), os.link
        destination = root / target.lstrip("/") if target.startswith("/") else workdir / target
        for name in sources:
            source = origin / name.lstrip("/")
            if source.is_dir():
                shutil.copytree(
                    source, destination, symlinks=True, dirs_exist_ok=True, copy_function=copy
                )
            else:
                is_folder = target.endswith("/") or destination.is_dir()
                placed = destination / source.name if is_folder else destination
                placed.parent.mkdir(parents=True, exist_ok=True)
                copy(source, placed)

    @staticmethod
    def _move_paths(text: str, root: Path) -> str:
        return re.sub(r"(?<![\w./])/(app|opt)\b", rf"{root}/\1", text)

    @staticmethod
    def _run(command: str, workdir: Path, environment: dict[str, str]) -> None:
        ended = subprocess.run(
            ["sh", "-c", command],
            cwd=workdir,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        output = ended.stdout + ended.stderr
        assert ended.returncode == 0, f"`RUN {command}` failed:\n{output[-3000:]}"
