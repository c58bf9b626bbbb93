"""Measure how long a search and its suggestions take inside a process, by the size of the shop.

    python -m benchmarks.searching
    python -m benchmarks.searching --products 30000 --meaning

Names have two to six words of a vocabulary whose frequencies fall as in Zipf's law; each product
has a description of twenty. A query has two to four words of a name; one in seven is misspelt. A
search reads the rows of the products that it shows; suggestions are asked for the beginning of a
query's last word. `contains` is the filter that answers while nothing is indexed: every word stands
in a product as typed. Times are those that the thread computed, without waiting for other programs.

With --meaning, products and words have random vectors, and each query a vector at once: the encoder
would take five milliseconds more. Memory is that of a process of its own, before and after it loads
the index.
"""

import subprocess
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import perf_counter, thread_time
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from benchmarks.synthetic_shop import create_database
from recommendations.models import Product
from recommendations.retrieval.sentence_encoder import DIMENSIONS
from recommendations.retrieval.word_vectors import WordVectors, choose_words
from recommendations.services.infra.row_writes import insert_rows
from recommendations.services.search import artifacts, live_index, query
from recommendations.services.search.building import rebuild
from recommendations.services.search.ranking import search_products
from recommendations.services.search.suggestions import suggest

QUERIES = 500
CONTAINED = 50
"""So many queries are also answered by the filter."""
COUNT = 24
VOCABULARY = 50_000
SYLLABLES = ("ba", "do", "fi", "gu", "ka", "lo", "me", "ni", "po", "ra", "si", "tu", "ve", "zo")
ROWS_AT_ONCE = 20_000
LOAD = """
import sys
from pathlib import Path
import numpy as np
import recommendations.retrieval.segments
from recommendations.array_folders import read_folder
from recommendations.retrieval.segments import Segment, SegmentedIndex
from recommendations.retrieval.tokens import Tokenizer
from recommendations.retrieval.word_index import WordIndex
from recommendations.retrieval.word_vectors import WordVectors
def measure():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6
before = measure()
manifest, arrays = read_folder(Path(sys.argv[1]), format_number=int(sys.argv[2]))
words = WordIndex.from_arrays(arrays, manifest["mean_lengths"])
ones = np.ones(len(words), dtype=np.float32)
word_vectors = WordVectors.from_arrays(arrays)
segment = Segment(words, ones, arrays["in_stock"], arrays.get("vectors"), word_vectors)
index = SegmentedIndex(Tokenizer(("en", "de")), [segment])
index.warm_up()
print(measure() - before)
"""
"""A process that loads an index as web processes do, and says what it took (Linux only)."""


def main() -> None:
    """Print the table."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--products", nargs="+", type=int, default=[30_000, 300_000])
    parser.add_argument("--meaning", action="store_true", help="measure search by meaning too")
    options = parser.parse_args()
    print(f"{QUERIES} searches for {COUNT} products; milliseconds of computing, p50 / p95.\n")
    print("| products | compared by | building | search | suggestions | `contains` | memory |")
    print("|---|---|---|---|---|---|---|")
    for n_products in options.products:
        rng = np.random.default_rng(0)
        with create_database():
            names = _add_products(n_products, rng)
            started = perf_counter()
            rebuild()
            building = f"{perf_counter() - started:.0f} s"
            queries = [
                _make_query(names[row], rng) for row in rng.integers(n_products, size=QUERIES)
            ]
            _print_row(n_products, "words", building, queries, _time(_contain, queries[:CONTAINED]))
            if options.meaning:
                with patch.object(query, "get_encoder", partial(_RandomEncoder, rng)):
                    _add_random_vectors(rng)
                    _print_row(n_products, "both", "", queries, "")
            live_index.forget()


def _print_row(
    n_products: int, name: str, building: str, queries: list[str], contained: str
) -> None:
    live_index.refresh()
    begun = [text[: -len(text.split()[-1]) // 2] for text in queries]
    searches, suggestions = _time(_search, queries), _time(_suggest, begun)
    cells = (building, searches, suggestions, contained, f"{_measure_memory():.0f} MB")
    print(f"| {n_products:,} | {name} | {' | '.join(cells)} |", flush=True)


class _RandomEncoder:
    """Answers at once."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._vector: NDArray[np.int8] = _make_vectors(1, rng)[0]

    def encode_query(self, _text: str, /) -> NDArray[np.int8]:
        return self._vector


def _make_vectors(count: int, rng: np.random.Generator) -> NDArray[np.int8]:
    vectors = rng.normal(size=(count, DIMENSIONS)).astype(np.float32)
    vectors *= np.iinfo(np.int8).max / np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.int8)


def _add_random_vectors(rng: np.random.Generator) -> None:
    stored = artifacts.load(artifacts.find_newest() or "")
    segment = stored.index.segments[0]
    index, tokenizer = segment.index, stored.index.tokenizer
    words = choose_words(index, tokenizer)
    word_vectors = WordVectors.build(words, _make_vectors(len(words), rng), len(index.terms))
    artifacts.save(
        replace(segment, vectors=_make_vectors(len(index), rng), word_vectors=word_vectors),
        languages=tokenizer.languages,
        newest=stored.newest,
        has_all_vectors=True,
    )


def _search(text: str) -> None:
    search_products(text=text, subject=None, count=COUNT)


def _suggest(text: str) -> None:
    suggest(text=text)


def _contain(text: str) -> None:
    """Search as a process does that has no index."""
    with patch.object(live_index, "get_current", lambda: None):
        search_products(text=text, subject=None, count=COUNT)


def _time(ask: Callable[[str], None], texts: list[str]) -> str:
    ask(texts[0])
    taken = []
    for text in texts:
        started = thread_time()
        ask(text)
        taken.append(thread_time() - started)
    median, high = 1_000 * np.quantile(taken, [0.5, 0.95])
    return f"{median:.1f} / {high:.1f}"


def _measure_memory() -> float:
    """Return the megabytes that the stored index takes in a process of its own."""
    folder: Path = artifacts.get_folder() / (artifacts.find_newest() or "")
    command = [sys.executable, "-c", LOAD, str(folder), str(artifacts.FORMAT)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _add_products(n_products: int, rng: np.random.Generator) -> list[str]:
    words = _make_words(rng)
    names = []
    for first in range(0, n_products, ROWS_AT_ONCE):
        count = min(ROWS_AT_ONCE, n_products - first)
        # The rank of each word is log-uniform, so frequencies fall as in Zipf's law.
        picked = words[(len(words) ** rng.random((count, 26))).astype(int) - 1]
        lengths = rng.integers(2, 7, size=count)
        rows = []
        for row in range(count):
            number = first + row
            names.append(" ".join(picked[row, : lengths[row]]))
            rows.append(
                Product(
                    name=names[-1],
                    description=" ".join(picked[row, 6:]),
                    category=f"Category {number % 40}",
                    brand=f"Brand {number % 97}",
                    sku=f"SKU-{number:06}",
                    price=1 + number % 300,
                    stock=10,
                )
            )
        insert_rows(rows)
    return names


def _make_words(rng: np.random.Generator) -> NDArray[np.str_]:
    syllables = np.array(SYLLABLES)[rng.integers(len(SYLLABLES), size=(2 * VOCABULARY, 5))]
    lengths = rng.integers(2, 6, size=len(syllables))
    made = ["".join(row[:length]) for row, length in zip(syllables, lengths, strict=True)]
    # Short words are few, so many of them are made twice; the order is the frequency.
    found = list(dict.fromkeys(made))
    return np.array(found[:VOCABULARY])


def _make_query(name: str, rng: np.random.Generator) -> str:
    words = name.split()[: rng.integers(2, 5)]
    if rng.random() < 1 / 7:
        place = rng.integers(1, len(words[-1]) - 1)
        words[-1] = words[-1][:place] + "x" + words[-1][place + 1 :]
    return " ".join(words)


if __name__ == "__main__":
    main()
