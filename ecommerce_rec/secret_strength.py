"""Tells secrets that can be guessed from random ones."""

import zlib
from itertools import pairwise
from urllib.parse import urlsplit

SHORTEST_KEY = 50
# Random keys of 50 characters compress to 48 bytes or more, in hexadecimal digits too; repeated
# words and rows of the keyboard to less than 40.
LEAST_COMPRESSED = 40
WORDS = ("secret", "password", "passwort", "change", "insecure", "example", "placeholder", "django")
COMMON_PASSWORDS = {"password", "passwort", "secret", "changeme", "postgres", "redis", "admin", "x"}


def is_key_guessable(key: str) -> bool:
    """Return whether a key is short, a pattern, a text or a command, and not random characters."""
    characters = key.encode()
    steps = bytes((after - before) % 256 for before, after in pairwise(characters))
    return (
        len(key) < SHORTEST_KEY
        or any(character.isspace() for character in key)
        or min(len(zlib.compress(each, 9)) for each in (characters, steps)) < LEAST_COMPRESSED
        or any(word in key.lower() for word in WORDS)
    )


def has_common_password(address: str) -> bool:
    """Return whether the password of an address is a common one, or the name of its user."""
    parts = urlsplit(address)
    password = (parts.password or "").lower()
    return password != "" and (password in COMMON_PASSWORDS or password == parts.username)
