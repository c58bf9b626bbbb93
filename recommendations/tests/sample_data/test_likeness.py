"""The sample shop has many products of each type; what is called similar is of the same type."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from recommendations.category_paths import get_name
from recommendations.retrieval.documents import Document
from recommendations.retrieval.likeness import find_like
from recommendations.retrieval.segments import ProductState, SegmentedIndex
from recommendations.retrieval.sentence_encoder import SentenceEncoder
from recommendations.retrieval.tokens import Tokenizer, split_words
from recommendations.sample_data.catalogue import SampleProduct
from recommendations.services.lists.likeness import MAX_OF_A_KIND, MIN_KIND_LIKENESS
from recommendations.tests.sample_data.test_tastes import shop

LANGUAGES = ("english", "german")
LISTED = 8


def to_document(product_id: int, product: SampleProduct) -> Document:
    return Document(
        product_id=product_id,
        name=product.name,
        brand=product.brand,
        category=product.category,
        attributes=" ".join(map(str, product.attributes.values())),
        description=product.description,
    )


def make_catalogue_index(step: int) -> tuple[SegmentedIndex, list[str]]:
    """Return the index of every `step`-th product, and their types."""
    products = shop().catalogue.products[::step]
    index = SegmentedIndex(Tokenizer(LANGUAGES), ()).follow(
        {row: ProductState(is_on_sale=True, in_stock=True) for row in range(len(products))},
        [to_document(row, product) for row, product in enumerate(products)],
    )
    return index, [str(product.attributes["type"]) for product in products]


def weigh_without_brand(index: SegmentedIndex, row: int, brand: str) -> Mapping[str, float]:
    made_by = {term for word in split_words(brand) for term in index.tokenizer.stem(word)}
    return index.weigh_product(row, exclude=made_by)


def compute_shares(
    index: SegmentedIndex, types: Sequence[str], brands: Sequence[str], *, step: int
) -> list[float]:
    """Return the share of the products most alike that have its type, for every `step`-th."""
    shares = []
    for row in range(0, len(types), step):
        weights = weigh_without_brand(index, row, brands[row])
        found, _ = find_like(index, row, weights, LISTED)
        shares.append(float(np.mean([types[other] == types[row] for other in found.tolist()])))
    return shares


def test_nine_in_ten_of_the_products_that_are_most_alike_have_the_same_type() -> None:
    index, types = make_catalogue_index(step=1)
    brands = [product.brand for product in shop().catalogue.products]

    shares = compute_shares(index, types, brands, step=10)

    assert np.mean(shares) >= 0.9
    assert min(shares) > 0


def test_few_words_in_common_find_the_kind_and_little_else() -> None:
    index, types = make_catalogue_index(step=1)
    brands = [product.brand for product in shop().catalogue.products]
    found_of_kind, of_kind, found_others, others = 0, 0, 0, 0

    for row in range(0, len(types), 10):
        weights = weigh_without_brand(index, row, brands[row])
        found, _ = find_like(
            index, row, weights, MAX_OF_A_KIND, least=MIN_KIND_LIKENESS, by_meaning=False
        )
        n_found = sum(types[other] == types[row] for other in found.tolist())
        found_of_kind += n_found
        found_others += len(found) - n_found
        of_kind += types.count(types[row]) - 1
        others += len(types) - types.count(types[row])

    assert found_of_kind / of_kind >= 0.99
    assert found_others / others <= 0.05


def test_with_meaning_more_of_them_have_the_same_type() -> None:
    index, types = make_catalogue_index(step=4)
    products = shop().catalogue.products[::4]
    brands = [product.brand for product in products]
    names = [f"{product.name}, {get_name(product.category)}" for product in products]
    vectors = SentenceEncoder().encode(names)
    with_vectors = replace(index, segments=[replace(index.segments[0], vectors=vectors)])

    by_words = compute_shares(index, types, brands, step=1)
    by_both = compute_shares(with_vectors, types, brands, step=1)

    assert np.mean(by_both) > np.mean(by_words) + 0.01
