import numpy as np

from recommendations.retrieval.word_vectors import WordVectors, choose_words
from recommendations.tests.retrieval.builders import TOKENIZER, make_index


def test_a_term_is_read_as_its_commonest_word_and_rare_words_are_not_read() -> None:
    index = make_index("Kettles", "Kettle 12", "Kettle 12", "Krylon", "An old mug", "An old mug")
    words = index.segments[0].index

    chosen = choose_words(words, TOKENIZER)

    assert {words.terms.read(column): word for column, word in chosen.items()} == {
        "kettl": "kettle",
        "mug": "mug",
        "old": "old",
    }


def test_what_is_stored_is_what_is_loaded() -> None:
    vectors = np.array([[127, 0], [0, 0], [0, 127]], dtype=np.int8)
    built = WordVectors.build([0, 2, 3], vectors, 5)

    loaded = WordVectors.from_arrays(built.get_arrays())

    assert loaded is not None
    assert loaded.rows.tolist() == [0, -1, -1, 1, -1]
    assert loaded.compare(0).tolist() == [1.0, 0.0, 0.0, 0.0, 0.0]
    assert loaded.compare(2).tolist() == [0.0] * 5
    assert WordVectors.from_arrays({}) is None
