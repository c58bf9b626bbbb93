"""The sample shop has many products of each type; what is called similar is of the same type."""

import numpy as np

from recommendations.retrieval.segments import ProductState, SegmentedIndex, Terms
from recommendations.retrieval.tokens import Tokenizer, split_words
from recommendations.retrieval.word_index import Document
from recommendations.sample_data.catalogue import SampleProduct
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


def test_nine_in_ten_of_the_products_that_are_most_alike_have_the_same_type() -> None:
    products = shop().catalogue.products
    types = [product.attributes["type"] for product in products]
    index = SegmentedIndex(Tokenizer(LANGUAGES), ()).follow(
        {row: ProductState(is_on_sale=True, in_stock=True) for row in range(len(products))},
        [to_document(row, product) for row, product in enumerate(products)],
    )

    shares = []
    for row in range(0, len(products), 10):
        made_by = {
            term for word in split_words(products[row].brand) for term in index.tokenizer.stem(word)
        }
        weights = index.weigh_product(row, exclude=made_by)
        found = index.find(Terms(weights), LISTED + 1).product_ids
        others = [other for other in found.tolist() if other != row][:LISTED]
        shares.append(np.mean([types[other] == types[row] for other in others]))

    assert np.mean(shares) >= 0.9
    assert min(shares) > 0
