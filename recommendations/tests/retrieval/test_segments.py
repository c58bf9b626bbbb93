from recommendations.retrieval.documents import Document
from recommendations.retrieval.queries import read_query
from recommendations.retrieval.segments import ProductState, SegmentedIndex
from recommendations.tests.retrieval.builders import TOKENIZER, make_index

ON_SALE = ProductState(is_on_sale=True, in_stock=True)


def find(index: SegmentedIndex, text: str, k: int = 10) -> list[int]:
    found: list[int] = index.find(read_query(text, index).terms, k).product_ids.tolist()
    return found


def test_rare_words_and_short_names_count_more() -> None:
    index = make_index("red lamp", "red mug", "red mug with a handle", "red pen")

    assert find(index, "red mug") == [2, 3, 4, 1]


def test_equal_products_stand_newest_first() -> None:
    assert find(make_index("Lamp", "Lamp", "Lamp"), "lamp", k=2) == [3, 2]


def test_words_in_the_order_of_the_query_count_more() -> None:
    index = make_index("water bottle", "bottle water")

    assert (find(index, "water bottle"), find(index, "bottle water")) == ([1, 2], [2, 1])


def test_relevance_and_coverage_are_shares() -> None:
    index = make_index("brass lamp", "lamp", "chair", "brass desk lamp with a long name")

    found = index.find(read_query("brass lamp", index).terms, 10)

    assert found.coverage.tolist()[:2] == [1.0, 1.0]
    assert all(0 < value <= 1 for value in [*found.relevance.tolist(), *found.coverage.tolist()])


def test_a_changed_product_replaces_its_earlier_row() -> None:
    index = make_index("Lamp", "Chair")

    changed = index.follow({1: ON_SALE}, [Document(1, "Kettle")])

    assert [find(changed, text) for text in ("lamp", "kettle", "chair")] == [[], [1], [2]]
    assert find(index, "lamp") == [1]


def test_a_product_that_only_went_off_sale_needs_no_new_row() -> None:
    index = make_index("Lamp", "Lamp")

    hidden = index.follow({1: ProductState(is_on_sale=False, in_stock=True)}, [])
    back = hidden.follow({1: ON_SALE}, [Document(1, "Lamp")])

    assert (find(hidden, "lamp"), find(back, "lamp")) == ([2], [2, 1])
    assert len(back.segments) == 1


def test_the_first_products_make_the_first_segment() -> None:
    empty = SegmentedIndex(TOKENIZER, ())

    index = empty.follow({7: ON_SALE}, [Document(7, "Lamp")])

    assert (find(empty, "lamp"), find(index, "lamp")) == ([], [7])


def test_merged_segments_find_what_they_found_before() -> None:
    index = make_index("Lamp", "Chair")
    for number in range(3, 6):
        index = index.follow({number: ON_SALE}, [Document(number, f"Kettle {number}")])
    index = index.follow({4: ProductState(is_on_sale=False, in_stock=True)}, [])

    changed = index.list_changed_products()
    merged = index.merge_changed_products([Document(pk, f"Kettle {pk}") for pk in changed])

    assert changed == [3, 5]
    assert [len(each.segments) for each in (index, merged)] == [4, 2]
    assert find(merged, "kettle") == find(index, "kettle") == [5, 3]
