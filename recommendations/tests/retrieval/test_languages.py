import pytest

from recommendations.retrieval.languages import choose_languages

ENGLISH, GERMAN, NAMES = "Washer with a lid", "Mühle für Kaffee", "Lamp 12"


@pytest.mark.parametrize(
    ("texts", "chosen"),
    [
        ([ENGLISH] * 400, ("en", "fr")),
        ([GERMAN] * 400, ("de", "fr")),
        ([ENGLISH] * 400 + [GERMAN] * 5, ("en", "de", "fr")),
        ([ENGLISH] * 100 + [NAMES] * 900, ("en", "de", "fr")),
        ([], ("en", "de", "fr")),
    ],
)
def test_a_language_is_left_out_if_enough_texts_show_others_only(
    texts: list[str], chosen: tuple[str, ...]
) -> None:
    assert choose_languages(("en", "de", "fr"), texts) == chosen
