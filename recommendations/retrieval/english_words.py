"""The commonest English words: what is one of them is no misspelling."""

import json
from functools import cache
from pathlib import Path

TOKENIZER = Path(__file__).parent / "minilm" / "tokenizer.json"


def is_english(word: str) -> bool:
    """Return whether a word in lower case, or its plural, is among the commonest 20,000."""
    words = _read_words()
    return word in words or f"{word}s" in words or word.removesuffix("s") in words


@cache
def _read_words() -> frozenset[str]:
    """Return the tokens of MiniLM's vocabulary that are whole words, in lower case."""
    vocabulary = json.loads(TOKENIZER.read_text())["model"]["vocab"]
    return frozenset(token for token in vocabulary if token.isalpha())
