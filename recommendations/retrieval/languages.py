"""Which of a shop's possible languages its products are really described in."""

from collections.abc import Iterable, Sequence

from recommendations.retrieval.tokens import split_words

_SIGNS = {
    "en": frozenset({"and", "the", "with", "for", "of", "from"}),
    "de": frozenset({"und", "mit", "für", "aus", "der", "das", "ein", "oder", "zum", "von"}),
}
"""Words that texts in a language have, and those in others hardly."""
ENOUGH_TEXTS = 300
SMALLEST_SHARE = 0.01
"""A language is in use if so many of the texts that show a language show this one."""


def choose_languages(languages: Sequence[str], texts: Iterable[str]) -> tuple[str, ...]:
    """Return the languages that texts are in; all of them while too few texts show any.

    A stemmer of another language does harm: the German one takes `washer` for `wash`. A language
    without a list of signs is always kept.
    """
    counts = dict.fromkeys(_SIGNS.keys() & languages, 0)
    shown = 0
    for text in texts:
        words = set(split_words(text))
        found = [language for language in counts if not words.isdisjoint(_SIGNS[language])]
        shown += bool(found)
        for language in found:
            counts[language] += 1
    if shown < ENOUGH_TEXTS:
        return tuple(languages)
    return tuple(
        language
        for language in languages
        if language not in counts or counts[language] >= SMALLEST_SHARE * shown
    )
