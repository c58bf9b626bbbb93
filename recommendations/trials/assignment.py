"""Which arm of an experiment a subject is in: a pure function, the same on every machine.

The hash is GrowthBook's hash version 2: FNV-1a with 32 bits (Fowler, Noll & Vo) of the seed and the
key, and again of the decimal digits of the first result, modulo 10,000. Whoever knows an
experiment's salt can check an assignment with any of GrowthBook's libraries.
"""

import math
from dataclasses import dataclass, field
from itertools import accumulate

import numpy as np
from numba import njit

from recommendations.errors import InvalidInputError

N_BUCKETS = 10_000
"""Shares of subjects are exact to one ten-thousandth."""

_OFFSET_BASIS = np.uint32(0x811C9DC5)
_PRIME = np.uint32(0x01000193)
_TEN, _ZERO = np.uint32(10), np.uint32(ord("0"))


class LayerFullError(InvalidInputError):
    """No gap of a layer is as wide as an experiment wants; `room` and `wanted` are shares."""

    def __init__(self, layer: str, *, room: float, wanted: float) -> None:
        super().__init__(
            f'Layer "{layer}" has room for {room:.2%} of the subjects in one piece; '
            f"the experiment wants {wanted:.2%}."
        )
        self.layer, self.room, self.wanted = layer, room, wanted


@dataclass(frozen=True, slots=True)
class Arm:
    """One way of serving. Weights are relative: 1 and 1 are two halves."""

    name: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class LayerSlice:
    """The subjects whose hash in the layer lies in [start, end).

    Slices of one layer that do not overlap share no subject; layers are independent of each other.
    The width is the share of all subjects that take part. A slice may grow at its end while the
    experiment runs: nobody changes the arm.
    """

    layer: str
    start: float = 0.0
    end: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= 1:
            raise InvalidInputError(
                "A slice of a layer lies in [0, 1] and is not empty; "
                f"[{self.start}, {self.end}) is no such slice."
            )

    @property
    def traffic_share(self) -> float:
        """The share of all subjects that take part."""
        return self.end - self.start

    def overlaps(self, other: "LayerSlice") -> bool:
        """Tell whether a subject could be in both slices because they share a part of a layer."""
        return self.layer == other.layer and self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Experiment:
    """What assignment needs of an experiment.

    `salt` is drawn once and kept: another salt would deal all subjects anew. Salts and names of
    layers differ from each other, or the arms would depend on the slice.
    """

    salt: str
    arms: tuple[Arm, ...]
    slice: LayerSlice
    _bounds: tuple[tuple[float, str], ...] = field(init=False, repr=False, compare=False)
    _arm_seed: int = field(init=False, repr=False, compare=False)
    _layer_seed: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names = [arm.name for arm in self.arms]
        if len(set(names)) != len(names) or not names:
            raise InvalidInputError(f"Each arm needs a name of its own; these are {names}.")
        for arm in self.arms:
            if not (math.isfinite(arm.weight) and arm.weight > 0):
                raise InvalidInputError(
                    f'The weight of arm "{arm.name}" must be above 0; it is {arm.weight}.'
                )
        if not self.salt or self.salt == self.slice.layer:
            raise InvalidInputError("An experiment needs a salt that is not the name of its layer.")
        total = math.fsum(arm.weight for arm in self.arms)
        ends = accumulate(arm.weight / total for arm in self.arms)
        object.__setattr__(self, "_bounds", tuple(zip(ends, names, strict=True)))
        object.__setattr__(self, "_arm_seed", _hash_octets(int(_OFFSET_BASIS), self.salt))
        object.__setattr__(self, "_layer_seed", _hash_octets(int(_OFFSET_BASIS), self.slice.layer))


def assign(experiment: Experiment, subject_key: str) -> str | None:
    """Return the name of the subject's arm; None if the subject takes no part or has no key."""
    if not subject_key:
        return None
    part = experiment.slice
    if part.traffic_share < 1:
        position = _find_bucket(experiment._layer_seed, subject_key) / N_BUCKETS
        if not part.start <= position < part.end:
            return None
    position = _find_bucket(experiment._arm_seed, subject_key) / N_BUCKETS
    for end, name in experiment._bounds:
        if position < end:
            return name
    # The shares add up to 1 less a rounding error, and the last bucket lies well below.
    raise AssertionError(f"No arm holds position {position}.")


def find_slice(layer: str, taken: list[LayerSlice], traffic_share: float) -> LayerSlice:
    """Return the first free slice of the layer that is as wide as `traffic_share`.

    Raises:
        InvalidInputError: The traffic share is none.
        LayerFullError: No gap between the slices that are `taken` is wide enough.
    """
    if not 0 < traffic_share <= 1:
        raise InvalidInputError(
            f"The traffic share lies above 0 and is at most 1; it is {traffic_share}."
        )
    width = max(round(traffic_share * N_BUCKETS), 1)
    start, widest = 0, 0
    others = [
        (round(other.start * N_BUCKETS), round(other.end * N_BUCKETS))
        for other in taken
        if other.layer == layer
    ]
    for other_start, other_end in sorted([*others, (N_BUCKETS, N_BUCKETS)]):
        widest = max(widest, other_start - start)
        if other_start - start >= width:
            return LayerSlice(layer, start / N_BUCKETS, (start + width) / N_BUCKETS)
        start = max(start, other_end)
    raise LayerFullError(layer, room=widest / N_BUCKETS, wanted=traffic_share)


def warm_up() -> None:
    """Compile the hash, or load it from the disk; less than a second, once."""
    _find_bucket(_hash_octets(int(_OFFSET_BASIS), ""), "")


def _find_bucket(seed: int, subject_key: str) -> int:
    return int(_find_bucket_of_octets(seed, subject_key.encode()))


def _hash_octets(state: int, text: str) -> int:
    return int(_continue_fnv1a(state, text.encode()))


@njit(cache=True)
def _continue_fnv1a(state: int, octets: bytes) -> np.uint32:
    hashed = np.uint32(state)
    for octet in octets:
        hashed = np.uint32((hashed ^ np.uint32(octet)) * _PRIME)
    return hashed


@njit(cache=True)
def _find_bucket_of_octets(seed: int, octets: bytes) -> np.uint32:
    """Hash the octets from the state `seed` on, then the decimal digits of the result."""
    first = _continue_fnv1a(seed, octets)
    divisor = np.uint32(1)
    while first // divisor >= _TEN:
        divisor *= _TEN
    second = _OFFSET_BASIS
    while divisor > 0:
        digit = first // divisor % _TEN
        second = np.uint32((second ^ np.uint32(digit + _ZERO)) * _PRIME)
        divisor //= _TEN
    return second % np.uint32(N_BUCKETS)
