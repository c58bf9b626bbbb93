from recommendations.retrieval.documents import Document
from recommendations.retrieval.searching import search
from recommendations.retrieval.segments import ProductState, SegmentedIndex
from recommendations.retrieval.tokens import Tokenizer

NAMES = (
    *("Kaffee, gemahlen", "Kaffee, ganze Bohne", "Mühle aus Holz", "Mühlen, zwei Stück"),
    *("Kaffeemühle", "Küchenmühlen", "Sessel"),
)
ON_SALE = ProductState(is_on_sale=True, in_stock=True)


def make_index(*languages: str) -> SegmentedIndex:
    documents = [Document(number, name) for number, name in enumerate(NAMES, start=1)]
    states = dict.fromkeys(range(1, len(NAMES) + 1), ON_SALE)
    return SegmentedIndex(Tokenizer(languages), ()).follow(states, documents)


def find(text: str, index: SegmentedIndex) -> list[int]:
    return list(search(text, index).product_ids)


def test_a_compound_is_found_by_its_parts_behind_the_words_themselves() -> None:
    index = make_index("en", "de")

    assert sorted(find("kaffee", index)[:2]) == [1, 2]
    assert find("kaffee", index)[2:] == [5]
    assert sorted(find("Mühle", index)[:2]) == [3, 4]
    assert find("Mühle", index)[2:] == [5]


def test_a_changed_compound_is_split_by_the_words_of_the_whole_shop() -> None:
    index = make_index("de").follow({7: ON_SALE}, [Document(7, "Kaffeemühlen")])

    assert set(find("mühle", index)) == {3, 4, 5, 7}


def test_without_german_nothing_is_split() -> None:
    assert find("kaffee", make_index("en")) == [1, 2]
