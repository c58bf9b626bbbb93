"""The names and descriptions of the sample shop's products."""

import random
import re
from collections.abc import Iterator

from faker import Faker

from recommendations.sample_data.assortment import LOOKS, WORDS, Brand, Category, ProductType

CITIES = 60
NAME_ATTEMPTS = 12
SHARE_WITH_CHARACTER = 0.75
SHARE_WITH_ORIGIN = 0.6
SHARE_WITH_CLOSING = 0.6


class ProductWriter:
    """Writes the texts of one catalogue; no two products get the same name."""

    def __init__(self, rng: random.Random, seed: int) -> None:
        faker = Faker("en_US")
        faker.seed_instance(seed)
        self._rng = rng
        self._cities = [faker.city() for _ in range(CITIES)]
        self._taken: set[str] = set()

    def write_name(
        self,
        category: Category,
        product_type: ProductType,
        character: str,
        material: str,
        colour: str,
    ) -> str:
        """Return a name that no product has yet."""
        proposals = self._propose_names(category, product_type, character, material, colour)
        name = next(name for name in proposals if name not in self._taken)
        self._taken.add(name)
        return name

    def _propose_names(
        self,
        category: Category,
        product_type: ProductType,
        character: str,
        material: str,
        colour: str,
    ) -> Iterator[str]:
        name = ""
        for _ in range(NAME_ATTEMPTS):
            name = _correct_articles(
                self._rng.choice(product_type.names).format(
                    model=self._rng.choice(category.models),
                    material=material,
                    style=category.styles[character],
                    noun=product_type.noun,
                    first=self._rng.choice(WORDS.title_first),
                    second=self._rng.choice(WORDS.title_second),
                )
            )
            yield name
        name = f"{name}, {colour}"
        yield name
        edition = 2
        while True:
            yield f"{name} No. {edition}"
            edition += 1

    def write_description(
        self,
        category: Category,
        product_type: ProductType,
        brand: Brand,
        character: str,
        material: str,
    ) -> str:
        """Return two to four sentences; the first is about the type and the material."""
        lowered = _lower_common_words(material)
        pitch = self._rng.choice(product_type.pitches).format(
            material=lowered, Material=lowered[0].upper() + lowered[1:]
        )
        sentences = [_correct_articles(pitch)]
        if self._rng.random() < SHARE_WITH_CHARACTER:
            sentences.append(self._rng.choice(LOOKS.characters[character].sentences))
        if self._rng.random() < SHARE_WITH_ORIGIN:
            city = self._rng.choice(self._cities)
            origin = self._rng.choice(WORDS.origins)
            sentences.append(origin.format(brand=brand.name, city=city))
        if len(sentences) == 1 or self._rng.random() < SHARE_WITH_CLOSING:
            sentences.append(self._rng.choice(category.closings))
        return " ".join(sentences)


def _lower_common_words(text: str) -> str:
    """Return the text in lower case, except for proper names and words with a digit."""
    return " ".join(
        word if word in WORDS.proper_names or re.search(r"\d", word) else word.lower()
        for word in text.split()
    )


def _correct_articles(sentence: str) -> str:
    """Return the sentence with "an" before a vowel and "a" before a consonant."""
    return re.sub(
        r"\b([Aa])n? (?=(\w))",
        lambda found: found[1] + ("n " if found[2] in "aeiouAEIOU" else " "),
        sentence,
    )
