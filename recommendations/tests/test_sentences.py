"""Sentences are English text, and remember what they were made of."""

import pytest
from django.utils import translation

from recommendations.sentences import (
    end,
    get_sentence,
    join,
    join_lines,
    pack,
    say,
    say_count,
    unpack,
)
from recommendations.services.infra.translation import tell

TEXTS = {
    "a sentence": say("{host} took too long.", host="shop.example"),
    "a count": say_count("{count:,} shopper added.", "{count:,} shoppers added.", 1234),
    "one of a count": say_count("{count:,} shopper added.", "{count:,} shoppers added.", 1),
    "one in another": say("Skipped, {reason}: {count:,}.", reason=say("name missing"), count=2),
    "lines": join_lines(["goods.csv", say("Nothing was imported.")]),
    "plain text": "no space left on device",
    "braces of others": 'no field {"id": 1}',
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_what_is_stored_is_read_again(text: str) -> None:
    again = unpack(pack(text))

    assert again == text
    with translation.override("de"):
        assert tell(again) == tell(text)


def test_a_sentence_is_told_in_the_language_of_the_page() -> None:
    with translation.override("de"):
        told = {name: tell(text) for name, text in TEXTS.items()}

    assert told == {
        "a sentence": "shop.example brauchte zu lange.",
        "a count": "1.234 Käufer angelegt.",
        "one of a count": "1 Käufer angelegt.",
        "one in another": "Übersprungen, name fehlt: 2.",
        "lines": "goods.csv\nNichts wurde importiert.",
        "plain text": "no space left on device",
        "braces of others": 'no field {"id": 1}',
    }


def test_in_english_a_sentence_is_told_as_it_is() -> None:
    with translation.override("en"):
        assert [tell(text) for text in TEXTS.values()] == list(TEXTS.values())


def test_text_from_before_there_were_sentences_stays() -> None:
    assert tell(unpack("Rolled back to A.")) == "Rolled back to A."


def test_an_error_keeps_its_sentence() -> None:
    sentence = say("{host} took too long.", host="shop.example")

    assert get_sentence(ValueError(sentence)) is sentence
    assert get_sentence(ValueError()) == "ValueError"
    assert get_sentence(KeyError("a")) == "a"


def test_a_sentence_ends_once() -> None:
    assert end("goods.csv is empty") == "goods.csv is empty."
    assert end("goods.csv is empty.") == "goods.csv is empty."


def test_equal_sentences_are_counted_together() -> None:
    assert len({say("{name} missing", name="id"), say("{name} missing", name="id")}) == 1
    assert join(["a", "b"]) == "a b"
