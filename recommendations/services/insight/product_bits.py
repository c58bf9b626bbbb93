"""Sets of product ids as bits: bit n is product n. Sets of many days are joined in no time."""

from collections.abc import Collection, Iterable

BYTE = 8


def pack(product_ids: Collection[int]) -> bytes:
    """Return the set as bytes, the lowest id in the lowest bit of the first byte."""
    bits = bytearray(max(product_ids, default=0) // BYTE + 1)
    for product_id in product_ids:
        bits[product_id // BYTE] |= 1 << product_id % BYTE
    return bytes(bits)


def count_common(days: Iterable[bytes | memoryview], product_ids: Collection[int]) -> int:
    """Return how many of the products are in the set of any day."""
    shown = 0
    for bits in days:
        shown |= int.from_bytes(bits, "little")
    return (shown & int.from_bytes(pack(product_ids), "little")).bit_count()
