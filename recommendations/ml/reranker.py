"""The second stage of the blend: trees that lift some blended scores above others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from recommendations.ml.data import FloatArray, RowArray
from recommendations.ml.item_kinds import ItemKinds
from recommendations.ml.numerics.choice_trees import DEPTH, ChoiceTrees, correct_utilities
from recommendations.ml.numerics.rerank_signals import N_OF_PAIR, describe_pairs

DECIMALS = 6
"""Thresholds and values are rounded when they are learnt, so that a parameter set in JSON has them
exactly."""


@dataclass(frozen=True, slots=True, eq=False)
class Reranker:
    """Trees that say how much likelier a shopper takes an item than its blended score says.

    A shopper's odds of an item are `blended ** steepness × exp(correction of the trees)`. So the
    trees multiply a blended score by `exp(correction / steepness)`, its lift, and whatever adds up
    to the blended score adds up to the lifted one when it is multiplied too. Without trees, every
    lift is 1.

    The trees know members by their place among the active ones, so they belong to one blend.
    """

    trees: ChoiceTrees
    steepness: float = 1.0

    @classmethod
    def none(cls) -> Self:
        """Return the reranker that changes no score."""
        return cls(ChoiceTrees.none())

    @classmethod
    def from_trees(cls, trees: ChoiceTrees, steepness: float) -> Self:
        """Return the reranker of these trees, rounded to what parameters in JSON hold."""
        return cls.from_params(cls(trees, steepness).get_params())

    def __len__(self) -> int:
        return len(self.trees)

    def compute_lifts(
        self,
        items: RowArray,
        normalized: FloatArray,
        normalizers: FloatArray,
        power: float,
        blended: FloatArray,
        history_items: RowArray,
        confidence: FloatArray,
        kinds: ItemKinds,
    ) -> FloatArray:
        """Return what the blended score of each of these items is multiplied with.

        The arguments are those of `describe_pairs`.
        """
        signals = describe_pairs(
            items,
            normalized,
            normalizers,
            power,
            blended,
            history_items,
            confidence,
            kinds.levels,
            kinds.brands,
        )
        return self.lift(signals)

    def lift(self, signals: FloatArray) -> FloatArray:
        """Return the lifts of pairs with these signals."""
        lifts: FloatArray = np.exp(correct_utilities(signals, *self.trees) / self.steepness).astype(
            np.float32
        )
        return lifts

    def get_params(self) -> dict[str, Any]:
        """Return the trees as lists, ready for JSON."""
        return {
            "steepness": round(self.steepness, DECIMALS),
            "signals": self.trees.signals.tolist(),
            "thresholds": _round(self.trees.thresholds),
            "values": _round(self.trees.values),
        }

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Self:
        """Return the reranker with these parameters.

        Raises KeyError if one is missing, ValueError if they do not fit each other.
        """
        trees = ChoiceTrees(
            np.array(params["signals"], dtype=np.int32).reshape(-1, DEPTH),
            np.array(params["thresholds"], dtype=np.float32).reshape(-1, DEPTH),
            np.array(params["values"], dtype=np.float32).reshape(-1, 2**DEPTH),
        )
        if not len(trees.signals) == len(trees.thresholds) == len(trees.values):
            raise ValueError("The trees of the reranker do not fit each other.")
        return cls(trees, float(params["steepness"]))

    def check(self, n_members: int) -> None:
        """Raise ValueError if the trees ask for a signal that so many members do not give.

        Compiled loops do not check bounds.
        """
        signals = self.trees.signals
        if signals.min(initial=0) < 0 or signals.max(initial=-1) >= 2 * n_members + N_OF_PAIR:
            raise ValueError(f"The trees of the reranker do not fit {n_members} members.")


def _round(values: FloatArray) -> list[list[float]]:
    return [[round(float(value), DECIMALS) for value in row] for row in values]
