"""What the documents tell an operator to type exists: targets, commands, options, variables."""

import json
import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands, load_command_class

ROOT = Path(settings.BASE_DIR)
PAGES = sorted(
    str(path.relative_to(ROOT)) for folder in (".", "docs") for path in (ROOT / folder).glob("*.md")
)
FOR_OPERATORS = ("README.md", "CONTRIBUTING.md", "docs/operations.md", "docs/security.md")
# They belong to programs that the documents also use, not to the shop.
OF_OTHERS = {"CI", "DJANGO_SETTINGS_MODULE", "OPENBLAS_NUM_THREADS"}


def read_code(page: str) -> list[str]:
    """Return the lines of code blocks and the spans of code of a page."""
    blocks: list[str] = []
    prose: list[str] = []
    for number, part in enumerate((ROOT / page).read_text(encoding="utf-8").split("```")):
        (blocks if number % 2 else prose).append(part)
    spans = [span for part in prose for span in re.findall(r"`([^`]+)`", part)]
    return spans + [line for block in blocks for line in block.splitlines()]


def find(pattern: str, page: str) -> set[str]:
    return {found for code in read_code(page) for found in re.findall(pattern, code)}


def read_example_variables() -> set[str]:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    return set(re.findall(r"^# ([A-Z][A-Z_]+)=", example, re.MULTILINE))


@pytest.mark.parametrize("page", PAGES)
def test_every_target_of_make_exists(page: str) -> None:
    targets = set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert find(r"^make ([a-z][a-z0-9-]+)", page) - targets == set()


@pytest.mark.parametrize("page", PAGES)
def test_every_command_and_its_options_exist(page: str) -> None:
    commands = get_commands()

    for code in read_code(page):
        for name, rest in re.findall(r"manage\.py ([a-z_]+)([^|;&\n]*)", code):
            assert name in commands
            parser = load_command_class(commands[name], name).create_parser("manage.py", name)
            known = {option for action in parser._actions for option in action.option_strings}
            assert set(re.findall(r"(?<=\s)--[a-z-]+", rest)) - known == set()


def test_the_table_of_commands_names_the_shop_s_own_and_no_others() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    table = page.partition("\n## Commands")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    named = {name for row in rows for name in row.split(", ")}

    own = {f"`{name}`" for name, app in get_commands().items() if app == "recommendations"}
    assert named - {"`createsuperuser`"} == own


@pytest.mark.parametrize("page", PAGES)
def test_every_script_of_the_storefront_exists(page: str) -> None:
    scripts = json.loads((ROOT / "frontend" / "package.json").read_text())["scripts"]

    assert find(r"npm run (?:--silent )?([a-z:0-9]+)", page) - set(scripts) == set()


@pytest.mark.parametrize("page", PAGES)
def test_every_service_of_compose_exists(page: str) -> None:
    for code in read_code(page):
        file = "docker-compose.prod.yml" if ".prod.yml" in code else "docker-compose.yml"
        services = yaml.safe_load((ROOT / file).read_text())["services"]
        named = re.findall(r"docker compose .*?\b(?:exec|logs)(?: -T)? ([a-z]+)", code)
        assert set(named) - set(services) == set()


@pytest.mark.parametrize("page", FOR_OPERATORS)
def test_every_variable_exists(page: str) -> None:
    made = set(re.findall(r"\b([A-Z][A-Z_]+) ?\??=", (ROOT / "Makefile").read_text()))
    made |= set(re.findall(r"\$\(([A-Z][A-Z_]+)\)", (ROOT / "Makefile").read_text()))
    known = read_example_variables() | made | OF_OTHERS

    assert find(r"(?:^|\s)([A-Z][A-Z_]{2,})=", page) - known == set()


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_links_to_exists(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", text)

    assert [link for link in links if not (ROOT / page).parent.joinpath(link).exists()] == []
