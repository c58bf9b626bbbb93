"""One slot of a list, filled at random: so its log can tell what another policy would have earned.

All candidates of the slot are equally likely, and the draw is kept with its propensity, the
probability of what was drawn (`trials.off_policy`).
"""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from recommendations.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class SlotDraw:
    """What could have stood in a slot, and what was drawn."""

    place: int
    """The place of the slot, 1 for the first."""
    candidates: tuple[int, ...]
    """Product ids, best first: without the draw, the first one would stand in the slot."""
    product_id: int
    """The candidate that was drawn."""

    @property
    def propensities(self) -> tuple[float, ...]:
        """The probability of each candidate."""
        return (1 / len(self.candidates),) * len(self.candidates)

    @property
    def propensity(self) -> float:
        """The probability of the candidate that was drawn."""
        return self.propensities[self.candidates.index(self.product_id)]


def draw_slot(
    product_ids: Sequence[int],
    *,
    place: int,
    n_candidates: int,
    rng: random.Random,
    fixed: Collection[int] = (),
) -> SlotDraw | None:
    """Draw what stands at a place among the products from there on.

    The list keeps all its products. Those that are `fixed` keep their places. None if fewer than
    two products could stand there, or a fixed one does.
    """
    if place < 1 or n_candidates < 2:
        raise InvalidInputError("A slot is a place from 1 on, and has at least two candidates.")
    rest = product_ids[place - 1 :]
    candidates = [one for one in rest if one not in fixed][:n_candidates]
    if len(candidates) < 2 or rest[0] in fixed:
        return None
    return SlotDraw(place, tuple(candidates), rng.choice(candidates))


def arrange(
    product_ids: Sequence[int], draw: SlotDraw, *, fixed: Collection[int] = ()
) -> list[int]:
    """Return the list with the drawn product in its slot; those it passes move down by one."""
    above, rest = product_ids[: draw.place - 1], product_ids[draw.place - 1 :]
    moving = iter([draw.product_id, *(one for one in rest if one not in {*fixed, draw.product_id})])
    return [*above, *(one if one in fixed else next(moving) for one in rest)]
