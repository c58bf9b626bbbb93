import pytest

from recommendations.retrieval.tokens import Tokenizer, fold_code, split_words
from recommendations.tests.retrieval.builders import TOKENIZER


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Cordless Drill", ["cordless", "drill"]),
        ("1,000 W", ["1000", "w"]),
        ("1-1/2 in.", ["1", "1", "2", "in"]),
        ("10x12", ["10", "x", "12"]),
        ("10 × 12 cm", ["10", "x", "12", "cm"]),
        ('6" pipe', ["6", "in", "pipe"]),
        ("6' ladder", ["6", "ft", "ladder"]),
        ("5 lbs. bag", ["5", "lb", "bag"]),
        ("5lb", ["5", "lb"]),
        ("2 Meter", ["2", "m"]),
        ("chef's knife", ["chefs", "knife"]),
        ("T-Shirt", ["t", "shirt", "tshirt"]),
        ("Stainless-steel", ["stainless", "steel"]),
        ("Straße", ["strasse"]),
        ("ﬁlter ½", ["filter", "1", "2"]),
        ("a\0b <i>'; --", ["a", "b", "i"]),
        ("🙂 — …", []),
        ("قهوة", ["قهوة"]),
    ],
)
def test_a_text_is_split_into_words(text: str, words: list[str]) -> None:
    assert split_words(text) == words


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("drills", "drill"),
        ("knives", "knife"),
        ("women", "woman"),
        ("Tassen", "Tasse"),
        ("Bücher", "Buch"),
        ("café", "cafe"),
        ("MÜLLER", "muller"),
        ("Müller", "mueller"),
    ],
)
def test_two_forms_of_a_word_have_one_stem(first: str, second: str) -> None:
    stems = [TOKENIZER.split_stems(text)[0] for text in (first, second)]

    assert stems[0] == stems[1]


def test_without_german_a_word_with_an_umlaut_has_two_stems() -> None:
    assert Tokenizer(("en",)).split_stems("Käse") == ["kase", "kaes"]


def test_signs_and_cases_of_a_code_do_not_count() -> None:
    assert fold_code(" Ab-12/ü ") == "ab12u"
