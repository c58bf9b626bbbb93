"""docs/insight.md defines the figures as the program does."""

from pathlib import Path

from django.conf import settings

from recommendations.services.insight.definitions import FIGURES
from recommendations.services.insight.tables import write_definitions
from recommendations.services.what_if.definitions import DEFINITIONS


def test_the_document_has_the_definitions_of_the_program() -> None:
    page = (Path(settings.BASE_DIR) / "docs" / "insight.md").read_text(encoding="utf-8")

    assert write_definitions() in page


def test_every_figure_is_defined_once_in_both_languages() -> None:
    names = [figure.name for figure in FIGURES]
    sentences = [text for figure in FIGURES for text in (*figure.title, *figure.sentence)]

    assert len(set(names)) == len(names)
    assert len(set(sentences)) == len(sentences)
    assert all(sentence.endswith(".") for figure in FIGURES for sentence in figure.sentence)


def test_the_document_defines_the_figures_of_what_ifs_as_the_program_does() -> None:
    page = (Path(settings.BASE_DIR) / "docs" / "insight.md").read_text(encoding="utf-8")

    rows = [f"| {one.title} | {one.sentence} |" for one in DEFINITIONS.values()]

    assert "\n".join(rows) in page
