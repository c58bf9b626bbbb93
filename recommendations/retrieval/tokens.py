"""Tokens: how texts of products and of shoppers become words that can be compared.

Both pass through the same steps, so that `10x12`, `10 X 12` and `10 × 12` are one thing, and so are
`5 lbs.` and `5 pound`.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import Stemmer

_IRREGULAR_PLURALS = {
    "en": {
        **{f"{stem}ves": f"{stem}f" for stem in ("shel", "bookshel", "lea", "loa", "hal", "scar")},
        **{f"{stem}ves": f"{stem}f" for stem in ("thie", "wol", "cal", "el", "hoo", "dwar")},
        **{f"{stem}ves": f"{stem}fe" for stem in ("kni", "wi", "li", "penkni", "housewi")},
        **{"men": "man", "women": "woman", "children": "child", "teeth": "tooth"},
        **{"mice": "mouse", "geese": "goose"},
    }
}
"""What the stemmer of a language does not know."""
_UNITS = {
    "in": "inch inches",
    "ft": "foot feet",
    "yd": "yard yards",
    "lb": "lbs pound pounds",
    "oz": "ounce ounces",
    "gal": "gallon gallons",
    "qt": "quart quarts",
    "sq": "square",
    "cu": "cubic",
    "mm": "millimeter millimeters millimetre millimetres",
    "cm": "centimeter centimeters centimetre centimetres zentimeter",
    "m": "meter meters metre metres",
    "ml": "milliliter milliliters millilitre millilitres",
    "l": "liter liters litre litres ltr",
    "g": "gram grams gramm gr",
    "kg": "kilogram kilograms kilogramm kilo",
    "v": "volt volts",
    "w": "watt watts",
    "a": "amp amps ampere",
    "pc": "pcs piece pieces stk stück stueck",
}
_UNIT_OF = {name: unit for unit, names in _UNITS.items() for name in (unit, *names.split())}
_SIGNS = str.maketrans(
    {"×": "x", "″": '"', "”": '"', "“": '"', "′": "'", "’": "'", "‘": "'", "⁄": "/", "ß": "ss"}
    | {"æ": "ae", "ø": "ö", "œ": "oe", "ł": "l", "đ": "d"}
)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_INCHES, _FEET = re.compile(r"(?<=\d)\s*\""), re.compile(r"(?<=\d)\s*'")
_BY = re.compile(r"(?<=[\d\"'])\s*x\s*(?=\d)")
_POSSESSIVE = re.compile(r"(?<=[^\W\d_])'s\b")
_SHORT_FIRST_PART = re.compile(r"(?<![^\W_])([^\W\d_]{1,2})-([^\W\d_]+)")
"""Of `T-shirt` and `Wi-Fi`, which many write as one word."""
_NUMBER_AND_LETTERS = re.compile(r"(?<=\d)(?=[^\W\d_])")
_WORD = re.compile(r"[^\W_]+")


class Token(NamedTuple):
    """A word of a text.

    `stems` has the forms that are looked up: one, or two for a word with an umlaut.
    """

    word: str
    stems: tuple[str, ...]


class Tokenizer:
    """Splits texts into tokens.

    Args:
        languages: ISO 639 codes. The stemmers of several languages run one after the other, because
            nothing says in which one a word is.
    """

    def __init__(self, languages: Sequence[str]) -> None:
        self.languages = tuple(languages)
        self._stemmers = [Stemmer.Stemmer(language, 0) for language in languages]
        self._singulars = {
            plural: singular
            for language in languages
            for plural, singular in _IRREGULAR_PLURALS.get(language, {}).items()
        }
        self.stem = lru_cache(maxsize=200_000)(self._stem)

    def split(self, text: str) -> list[Token]:
        """Return the tokens of a text in its order."""
        return [Token(word, self.stem(word)) for word in split_words(text)]

    def split_stems(self, text: str) -> list[str]:
        """Return the stems of a text in its order."""
        return [stem for word in split_words(text) for stem in self.stem(word)]

    def _stem(self, word: str) -> tuple[str, ...]:
        forms = dict.fromkeys((fold_accents(word), fold_accents(word.translate(_UMLAUTS))))
        if not word.isalpha():
            return tuple(forms)
        return tuple(dict.fromkeys(self._stem_form(form) for form in forms))

    def _stem_form(self, form: str) -> str:
        form = self._singulars.get(form, form)
        for stemmer in self._stemmers:
            form = stemmer.stemWord(form)
        return form


def split_words(text: str) -> list[str]:
    """Return the words of a text in lower case, with numbers and units in one form."""
    text = unicodedata.normalize("NFKC", text).lower().translate(_SIGNS)
    text = _THOUSANDS.sub("", text)
    text = _BY.sub(" x ", text)
    text = _FEET.sub(" ft ", _INCHES.sub(" in ", text))
    text = _POSSESSIVE.sub("s", text)
    text = _SHORT_FIRST_PART.sub(r"\1 \2 \1\2", text)
    text = _NUMBER_AND_LETTERS.sub(" ", text)
    words = _WORD.findall(text)
    return [
        _UNIT_OF.get(word, word) if before[:1].isdigit() else word
        for before, word in zip(["", *words], words, strict=False)
    ]


def fold_accents(word: str) -> str:
    """Return the word without accents: `é` is `e`, and `ä` is `a`."""
    if word.isascii():
        return word
    parts = unicodedata.normalize("NFKD", word)
    return "".join(part for part in parts if not unicodedata.combining(part))


def fold_code(text: str) -> str:
    """Return a SKU or an own id without signs and differences of case: `AB-12` is `ab12`."""
    folded = fold_accents(unicodedata.normalize("NFKC", text).casefold())
    return "".join(letter for letter in folded if letter.isalnum())
