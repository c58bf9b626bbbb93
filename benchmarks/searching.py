"""Measure how long a search and its suggestions take inside a process, by the size of the shop.

    python -m benchmarks.searching
    python -m benchmarks.searching --products 30000

Names have two to six words of a vocabulary whose frequencies fall as in Zipf's law; each product
has a description of twenty. A query has two to four words of a name; one in seven is misspelt. A
search reads the rows of the products that it shows; suggestions are asked for the beginning of a
query's last word.
"""

import resource
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from benchmarks.synthetic_shop import create_database
from recommendations.models import Product
from recommendations.services.infra.row_writes import insert_rows
from recommendations.services.search import live_index
from recommendations.services.search.building import rebuild
from recommendations.services.search.ranking import search_products
from recommendations.services.search.suggestions import suggest

QUERIES = 500
COUNT = 24
VOCABULARY = 50_000
SYLLABLES = ("ba", "do", "fi", "gu", "ka", "lo", "me", "ni", "po", "ra", "si", "tu", "ve", "zo")
ROWS_AT_ONCE = 20_000


def main() -> None:
    """Print the table."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--products", nargs="+", type=int, default=[30_000, 300_000])
    sizes: list[int] = parser.parse_args().products
    print(f"{QUERIES} searches for {COUNT} products.\n")
    print("| products | building | search, p50 | p95 | suggestions, p50 | p95 | memory |")
    print("|---|---|---|---|---|---|---|")
    for n_products in sizes:
        rng = np.random.default_rng(0)
        with create_database():
            names = _add_products(n_products, rng)
            started = perf_counter()
            rebuild()
            building = perf_counter() - started
            before = _measure_memory()
            live_index.refresh()
            memory = _measure_memory() - before
            queries = [
                _make_query(names[row], rng) for row in rng.integers(n_products, size=QUERIES)
            ]
            search_products(text=queries[0], subject=None, count=COUNT)
            searches = _time(_search, queries)
            suggestions = _time(
                _suggest, [query[: -len(query.split()[-1]) // 2] for query in queries]
            )
            live_index.forget()
        cells = [f"{1_000 * value:.1f} ms" for value in (*searches, *suggestions)]
        print(
            f"| {n_products:,} | {building:.0f} s | {' | '.join(cells)} | {memory:.0f} MB |",
            flush=True,
        )


def _search(text: str) -> None:
    search_products(text=text, subject=None, count=COUNT)


def _suggest(text: str) -> None:
    suggest(text=text)


def _time(ask: Callable[[str], None], texts: list[str]) -> list[float]:
    taken = []
    for text in texts:
        started = perf_counter()
        ask(text)
        taken.append(perf_counter() - started)
    quantiles: list[float] = np.quantile(taken, [0.5, 0.95]).tolist()
    return quantiles


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


def _measure_memory() -> float:
    """Return the most memory that the process has held, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
