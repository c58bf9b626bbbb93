"""What a change does to replayed lists: which change, who is seen more, what would be clicked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.click_model import Floats, fit_click_model
from recommendations.progress import Progress, report_nothing
from recommendations.services.shop.product_rows import ProductCard
from recommendations.services.what_if.click_log import LoggedClicks
from recommendations.services.what_if.estimates import Estimate, Resampling, estimate_clicks
from recommendations.services.what_if.exposure import FlatLists
from recommendations.services.what_if.places import LONGEST_LIST, Numbering
from recommendations.services.what_if.replay import ReplayedList

NEEDED_CLICKS = 200
"""So many clicks on products that stood at several places: with fewer, no place can be weighed."""
OVERLAP_DEPTH = 10
MOST_MOVED = 10
"""So many products, brands and categories that gain, and as many that lose, are told."""
MOST_EXAMPLES = 8


@dataclass(frozen=True, slots=True)
class Moved:
    """The share of all exposure of a product, a brand or a category, before and after."""

    name: str
    before: float
    after: float
    product_id: int | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A list that changes, as product ids."""

    name: str
    before: tuple[int, ...]
    after: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Effects:
    """What the change does."""

    n_lists: int
    n_changed: int
    mean_overlap: float
    """Mean share of the first ten products that both lists have."""
    overlap_counts: tuple[int, ...]
    """Lists by overlap in tenths, from none to all."""
    n_as_served: int
    """Lists that are made now exactly as they were served."""
    served_overlap: float
    """Mean overlap of the lists as they were served and as they are made now."""
    telling_clicks: int
    needed_clicks: int
    examination: Mapping[str, tuple[float, ...]]
    """Of the places of each list; those of the click model, or of the discount without one."""
    clicks: Estimate | None
    """None if the log is too thin."""
    clicked_margin: Estimate | None
    """None if the log is too thin, or no product has a cost."""
    share_with_cost: float
    """Share of the exposure, before, of products whose cost is known."""
    margin_before: float | None
    """Mean margin of what is seen, weighted by exposure."""
    margin_after: float | None
    products: tuple[Moved, ...]
    brands: tuple[Moved, ...]
    categories: tuple[Moved, ...]
    examples: tuple[Example, ...]


def measure_effects(
    replayed: Sequence[ReplayedList],
    logged: LoggedClicks,
    numbering: Numbering,
    products: Mapping[int, ProductCard],
    progress: Progress = report_nothing,
) -> Effects:
    """Measure what the change does; without enough clicks, places count as DCG discounts them."""
    sides = [
        FlatLists.flatten([getattr(one, name) for one in replayed], replayed, numbering)
        for name in ("before", "after")
    ]
    # The numbering now has all places and products.
    log = replace(logged.log, n_names=len(numbering.names), n_items=numbering.n_items)
    telling = log.count_telling_clicks()
    model = fit_click_model(log) if telling >= NEEDED_CLICKS else None
    examination = _discount(numbering) if model is None else model.examination
    cards = [products.get(product_id) for product_id in numbering.product_ids]
    margins = np.array([_get_margin(card) for card in cards])
    before, after = (side.expose(examination, numbering.n_items) for side in sides)
    clicks = clicked_margin = None
    if model is not None and replayed:
        clicks, clicked_margin = estimate_clicks(
            sides, log, model, margins, Resampling(logged, replayed), progress
        )
    overlaps = np.array([_overlap(one.before, one.after) for one in replayed])
    as_served = [_overlap(one.served, one.before) for one in replayed]
    return Effects(
        n_lists=len(replayed),
        n_changed=sum(one.before != one.after for one in replayed),
        mean_overlap=float(overlaps.mean()) if len(overlaps) else 1.0,
        overlap_counts=tuple(
            np.bincount(np.floor(10 * overlaps + 1e-9).astype(int), minlength=11).tolist()
        ),
        n_as_served=sum(one.served == one.before for one in replayed),
        served_overlap=float(np.mean(as_served)) if as_served else 1.0,
        telling_clicks=telling,
        needed_clicks=NEEDED_CLICKS,
        examination=_describe_examination(examination, sides, numbering),
        clicks=clicks,
        clicked_margin=clicked_margin,
        share_with_cost=_share(before, ~np.isnan(margins)),
        margin_before=_average(margins, before),
        margin_after=_average(margins, after),
        products=_find_moved(
            before,
            after,
            [
                (card.name if card else str(pk), pk)
                for card, pk in zip(cards, numbering.product_ids, strict=True)
            ],
        ),
        brands=_find_moved_groups(before, after, cards, lambda card: card.brand),
        categories=_find_moved_groups(before, after, cards, lambda card: card.category),
        examples=_choose_examples(replayed, overlaps),
    )


def _discount(numbering: Numbering) -> Floats:
    """Return the discount of DCG for the places of each list: 1 / log2(1 + place)."""
    return np.tile(1 / np.log2(np.arange(LONGEST_LIST) + 2), len(numbering.names))


def _describe_examination(
    examination: Floats, sides: Sequence[FlatLists], numbering: Numbering
) -> dict[str, tuple[float, ...]]:
    lengths = np.zeros(len(numbering.names), dtype=np.int64)
    for side in sides:
        np.maximum.at(lengths, side.places // LONGEST_LIST, side.places % LONGEST_LIST + 1)
    return {
        name: tuple(examination[LONGEST_LIST * number :][:length].tolist())
        for number, (name, length) in enumerate(zip(numbering.names, lengths.tolist(), strict=True))
        if length
    }


def _overlap(one: Sequence[int], other: Sequence[int]) -> float:
    """Return the share of the first ten products of the longer list that both have."""
    first, second = set(one[:OVERLAP_DEPTH]), set(other[:OVERLAP_DEPTH])
    longest = max(len(first), len(second))
    return len(first & second) / longest if longest else 1.0


def _get_margin(card: ProductCard | None) -> float:
    return np.nan if card is None or card.cost is None else float(card.price - card.cost)


def _share(exposure: Floats, of: NDArray[np.bool_]) -> float:
    total = float(exposure.sum())
    return float(exposure[of].sum()) / total if total else 0.0


def _average(margins: Floats, exposure: Floats) -> float | None:
    known = ~np.isnan(margins)
    weight = float(exposure[known].sum())
    return float(margins[known] @ exposure[known]) / weight if weight else None


def _find_moved(
    before: Floats, after: Floats, names: Sequence[tuple[str, int | None]]
) -> tuple[Moved, ...]:
    """Return whose share of the exposure grows most, then whose falls most, largest moves first."""
    old, new = (side / (side.sum() or 1.0) for side in (before, after))
    gain = new - old
    order = np.argsort(-gain, kind="stable")
    up = [row for row in order[:MOST_MOVED] if gain[row] > 0]
    down = [row for row in order[::-1][:MOST_MOVED] if gain[row] < 0]
    return tuple(
        Moved(names[row][0], float(old[row]), float(new[row]), names[row][1])
        for row in [*up, *down]
    )


def _find_moved_groups(
    before: Floats,
    after: Floats,
    cards: Sequence[ProductCard | None],
    get_name: Callable[[ProductCard], str],
) -> tuple[Moved, ...]:
    numbers: dict[str, int] = {}
    groups = np.array(
        [numbers.setdefault(get_name(card) if card else "", len(numbers)) for card in cards],
        dtype=np.int64,
    )
    sides = [np.bincount(groups, side, len(numbers)).astype(float) for side in (before, after)]
    named = [(name, None) for name in numbers]
    return tuple(one for one in _find_moved(sides[0], sides[1], named) if one.name)


def _choose_examples(replayed: Sequence[ReplayedList], overlaps: Floats) -> tuple[Example, ...]:
    """Return lists that change, each once, from those that change most to those that do least."""
    changed: dict[Example, float] = {}
    for one, overlap in zip(replayed, overlaps.tolist(), strict=True):
        if one.before != one.after:
            changed.setdefault(Example(one.name, one.before, one.after), overlap)
    ranked = sorted(changed, key=lambda example: changed[example])
    rows = np.linspace(0, len(ranked) - 1, min(MOST_EXAMPLES, len(ranked))).astype(int).tolist()
    return tuple(ranked[row] for row in rows)
