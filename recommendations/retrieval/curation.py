"""Curation: what the rules of staff make of a query.

Rules and queries are compared by the stems of their words, so that case, accents, spaces and
inflections do not matter. A word with an umlaut has two stems, so a phrase has up to two keys.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from typing import TypeVar

from recommendations.retrieval.tokens import Tokenizer, split_words

MAX_WORDINGS = 8
"""So many wordings of a query are searched; each costs as much as a search."""

PhraseKey = tuple[str, ...]
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class SynonymRule:
    """A phrase, and what is searched as well for it; with `is_two_way`, also the other way."""

    phrase: str
    means: str
    is_two_way: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules as staff wrote them: redirects and pins by query."""

    synonyms: Sequence[SynonymRule] = ()
    redirects: Mapping[str, str] = field(default_factory=dict)
    pins: Mapping[str, Sequence[int]] = field(default_factory=dict)
    ignored_words: Sequence[str] = ()


class Curation:
    """Rules that are ready to be applied to queries; immutable."""

    def __init__(self, rules: Rules, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._redirects = dict(self._by_key(rules.redirects))
        self._pins = dict(self._by_key(rules.pins))
        self._ignored = frozenset(
            stem for text in rules.ignored_words for stem in tokenizer.split_stems(text)
        )
        synonyms: defaultdict[PhraseKey, list[list[str]]] = defaultdict(list)
        for phrase, means in _list_directions(rules.synonyms):
            for key in make_keys(phrase, tokenizer):
                synonyms[key].append(split_words(means))
        self._synonyms = dict(synonyms)
        self._longest = max(map(len, synonyms), default=0)

    def find_redirect(self, text: str) -> str | None:
        """Return the page to which a query leads, None if it leads to results."""
        return self._find(self._redirects, text)

    def find_pins(self, text: str) -> Sequence[int]:
        """Return the products that staff pinned for a query, in their order."""
        return self._find(self._pins, text) or ()

    def drop_ignored(self, words: Sequence[str]) -> Sequence[str]:
        """Return the words without those to ignore; all of them if nothing would be left."""
        if not self._ignored:
            return words
        kept = [word for word in words if self._ignored.isdisjoint(self._tokenizer.stem(word))]
        return kept or words

    def list_curated(self, words: Sequence[str]) -> frozenset[str]:
        """Return those of the words that stand in a phrase with a synonym."""
        return frozenset(
            word for start, end, _ in self._find_phrases(words) for word in words[start:end]
        )

    def reword(self, words: Sequence[str]) -> list[list[str]]:
        """Return the wordings of a query, the given one first, at most `MAX_WORDINGS`.

        In the others, synonyms take the places of phrases. Of overlapping phrases the first counts,
        and of those that begin at the same word the longest.
        """
        parts: list[list[list[str]]] = []
        place = 0
        for start, end, synonyms in self._find_phrases(words):
            parts += [[list(words[place:start])], [list(words[start:end]), *synonyms]]
            place = end
        parts.append([list(words[place:])])
        wordings = islice(product(*parts), MAX_WORDINGS)
        return [[word for part in wording for word in part] for wording in wordings]

    def _find_phrases(self, words: Sequence[str]) -> Iterator[tuple[int, int, Sequence[list[str]]]]:
        """Yield the start, the end and the synonyms of the phrases in a query, in its order."""
        start = 0
        while start < len(words) and self._synonyms:
            for end in range(min(len(words), start + self._longest), start, -1):
                keys = _combine_stems([self._tokenizer.stem(word) for word in words[start:end]])
                found = [synonym for key in keys for synonym in self._synonyms.get(key, ())]
                if found:
                    yield start, end, found
                    start = end
                    break
            else:
                start += 1

    def _find(self, rules: Mapping[PhraseKey, Value], text: str) -> Value | None:
        """Return what a rule says about a query, or about the query without ignored words."""
        if not rules:
            return None
        words = split_words(text)
        for asked in (words, self.drop_ignored(words)):
            for key in _combine_stems([self._tokenizer.stem(word) for word in asked]):
                if key in rules:
                    return rules[key]
        return None

    def _by_key(self, rules: Mapping[str, Value]) -> Iterator[tuple[PhraseKey, Value]]:
        for text, value in rules.items():
            for key in make_keys(text, self._tokenizer):
                yield key, value


def make_keys(text: str, tokenizer: Tokenizer) -> Sequence[PhraseKey]:
    """Return the keys of a text: texts with a common key are the same query."""
    return _combine_stems([token.stems for token in tokenizer.split(text)])


def _combine_stems(stems: Sequence[tuple[str, ...]]) -> Sequence[PhraseKey]:
    keys = (tuple(each[0] for each in stems), tuple(each[-1] for each in stems))
    return list(dict.fromkeys(key for key in keys if key))


def _list_directions(rules: Iterable[SynonymRule]) -> Iterator[tuple[str, str]]:
    for rule in rules:
        yield rule.phrase, rule.means
        if rule.is_two_way:
            yield rule.means, rule.phrase


NO_CURATION = Curation(Rules(), Tokenizer(()))
