"""Measure how well products that are alike are found, on a shop's catalogue with photographs.

    python -m benchmarks.likeness ../shared/data/magento_luma

For each product, the eight that are most alike by words, by words and meaning, by pictures, and by
several of them: the share of the same kind (the last level of the first category), and how many of
the alternatives that the shop's people chose (`upsell` in product_links.csv) are among the first
sixteen. Names, attributes and descriptions are read, categories only where that is said. Pictures
are the main photographs. The line `random` is the expectation of a draw.

A second table says what the words call the kind of a product from a likeness on: how much of the
kind, of the rest, and of what the shop's people chose to go with the product (`crosssell`).
"""

import csv
import gzip
import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import thread_time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from recommendations.retrieval import likeness
from recommendations.retrieval.documents import Document
from recommendations.retrieval.picture_encoder import PictureEncoder
from recommendations.retrieval.picture_vectors import PictureVectors
from recommendations.retrieval.segments import ProductState, SegmentedIndex
from recommendations.retrieval.sentence_encoder import SentenceEncoder
from recommendations.retrieval.tokens import Tokenizer

LISTED, FOUND_AMONG = 8, 16
PICTURE_WEIGHTS = (0.1, 0.2, 0.3, 0.5)
KIND_LIKENESSES = (0.1, 0.15, 0.2, 0.25, 0.35)
Found = Mapping[int, Sequence[int]]
Links = Mapping[int, set[int]]


@dataclass(frozen=True)
class Catalogue:
    """Products by row: what is read of them, their kinds, and what people linked to them."""

    products: Sequence[Mapping[str, Any]]
    alternatives: Links
    complements: Links

    @property
    def kinds(self) -> list[str]:
        """The last level of the first category of each product."""
        return [product["categories"][0][-1] for product in self.products]


def main() -> None:
    """Print the table."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    catalogue = read_catalogue(folder)
    pictures = encode_pictures(catalogue, folder)
    n_products = len(catalogue.products)
    of_kind = [catalogue.kinds.count(kind) - 1 for kind in catalogue.kinds]
    print("| compared by | same kind of 8 | alternatives in 16 |\n|---|---|---|")
    print(f"| random | {np.mean(of_kind) / (n_products - 1):.3f} | {16 / (n_products - 1):.3f} |")
    by_look = {
        row: pictures.find_nearest(row, FOUND_AMONG)[0].tolist() for row in range(n_products)
    }
    report("pictures", catalogue, by_look)
    for with_categories in (False, True):
        index = make_index(catalogue, with_categories=with_categories)
        title = "categories too" if with_categories else "words"
        report(title, catalogue, find_all(index, n_products))
        report(f"{title}, meaning", catalogue, find_all(index, n_products, by_meaning=True))
        for weight in PICTURE_WEIGHTS:
            likeness.PICTURE_WEIGHT = weight
            for by_meaning in (False, True):
                found = find_all(index, n_products, by_meaning=by_meaning, pictures=pictures)
                told = ", meaning" if by_meaning else ""
                report(f"{title}{told}, pictures {weight}", catalogue, found)
    report_kinds(catalogue, make_index(catalogue, with_categories=True))


def read_catalogue(folder: Path) -> Catalogue:
    """Return the products that have a picture, and their links."""
    with gzip.open(folder / "products.jsonl.gz", "rt") as file:
        products = [json.loads(line) for line in file]
    products = [product for product in products if product.get("image")]
    rows = {product["item_id"]: row for row, product in enumerate(products)}
    links: dict[str, dict[int, set[int]]] = {
        relation: defaultdict(set) for relation in ("upsell", "crosssell", "related")
    }
    with (folder / "product_links.csv").open() as file:
        for link in csv.DictReader(file):
            one, other = rows.get(link["item_id"]), rows.get(link["linked_item_id"])
            if one is not None and other is not None:
                links[link["relation"]][one].add(other)
    return Catalogue(products, links["upsell"], links["crosssell"])


def encode_pictures(catalogue: Catalogue, folder: Path) -> PictureVectors:
    """Return the vectors of the main pictures; say how long one took."""
    encoder = PictureEncoder()
    began = thread_time()
    activations = []
    for product in catalogue.products:
        with Image.open(folder / product["image"]) as picture:
            activations.append(encoder.encode(picture.convert("RGB")))
    each = (thread_time() - began) / len(activations)
    print(f"{len(activations)} pictures, {1_000 * each:.1f} ms of computing each.\n")
    return PictureVectors.build(np.arange(len(activations)), np.array(activations))


def make_index(catalogue: Catalogue, *, with_categories: bool) -> SegmentedIndex:
    """Return the index of names, attributes and descriptions, with vectors of the names."""
    products = catalogue.products
    paths = [" ".join(product["categories"][0]) if with_categories else "" for product in products]
    documents = [
        Document(
            product_id=row,
            name=product["name"],
            category=paths[row],
            attributes=" ".join(str(value) for value in product["attributes"].values()),
            description=product["description"],
        )
        for row, product in enumerate(products)
    ]
    states = {row: ProductState(is_on_sale=True, in_stock=True) for row in range(len(products))}
    index = SegmentedIndex(Tokenizer(("english",)), ()).follow(states, documents)
    names = [
        f"{product['name']}, {kind}" if with_categories else product["name"]
        for product, kind in zip(products, catalogue.kinds, strict=True)
    ]
    vectors: NDArray[np.int8] = SentenceEncoder().encode(names)
    return replace(index, segments=[replace(index.segments[0], vectors=vectors)])


def find_all(
    index: SegmentedIndex,
    n_products: int,
    *,
    by_meaning: bool = False,
    pictures: PictureVectors | None = None,
) -> Found:
    """Return the products most like each."""
    return {
        row: likeness.find_like(
            index,
            row,
            index.weigh_product(row),
            FOUND_AMONG,
            by_meaning=by_meaning,
            pictures=pictures,
        )[0].tolist()
        for row in range(n_products)
    }


def report(title: str, catalogue: Catalogue, found: Found) -> None:
    """Print a line of the table."""
    kinds = catalogue.kinds
    shares = [
        float(np.mean([kinds[other] == kinds[row] for other in others[:LISTED]])) if others else 0.0
        for row, others in found.items()
    ]
    hits = [
        len(wanted & set(found[row])) / min(len(wanted), FOUND_AMONG)
        for row, wanted in catalogue.alternatives.items()
    ]
    print(f"| {title} | {np.mean(shares):.3f} | {np.mean(hits):.3f} |")


def report_kinds(catalogue: Catalogue, index: SegmentedIndex) -> None:
    """Print what is of the kind of a product from each likeness on."""
    kinds = np.array(catalogue.kinds)
    n_products = len(kinds)
    alike = np.zeros((n_products, n_products))
    chosen = np.zeros((n_products, n_products), dtype=bool)
    for row in range(n_products):
        weights = index.weigh_product(row)
        found, scores = likeness.find_like(index, row, weights, n_products, by_meaning=False)
        alike[row, found] = scores
        chosen[row, list(catalogue.complements.get(row, ()))] = True
    of_kind = (kinds[:, np.newaxis] == kinds) & ~np.eye(n_products, dtype=bool)
    print("\n| likeness | of the kind | of the rest | of what goes with it |\n|---|---|---|---|")
    for least in KIND_LIKENESSES:
        shares = [(alike >= least)[rows].mean() for rows in (of_kind, ~of_kind, chosen)]
        print(f"| {least} | {shares[0]:.3f} | {shares[1]:.3f} | {shares[2]:.3f} |")
    print(f"\nOf what goes with a product, {of_kind[chosen].mean():.3f} is of its kind.")


if __name__ == "__main__":
    main()
