"""A list with one slot filled at random, where staff have set one."""

import random
from dataclasses import replace
from hashlib import blake2s

from recommendations.choices import Placement, Source
from recommendations.services.experiments.random_slots import ActiveSlot, get_random_slot
from recommendations.services.lists.context import ListContext
from recommendations.services.lists.result import LoggedSlot, RecommendationList
from recommendations.trials.random_slots import arrange, draw_slot


def choose_random_slot(context: ListContext, placement: Placement) -> ActiveSlot | None:
    """Return the slot to fill at random for the subject of the context; None if all is as ranked.

    Nothing is drawn for staff, for a subject whom nobody can tell from others, without a history
    that could be read, with personalization off, or for those who see what is in demand alone.
    """
    if context.subject is None or not context.takes_part or context.is_for_staff:
        return None
    slot = get_random_slot(placement)
    if slot is None or context.treatment.only_popular:
        return None
    return slot


def fill_random_slot(
    found: RecommendationList, context: ListContext, placement: Placement, count: int
) -> RecommendationList:
    """Return the list with its slot drawn, or the same list if nothing is to be drawn.

    The same list is drawn again until the subject's history changes. Pinned products keep their
    places, and a list that two models share is left as they drafted it.
    """
    slot = choose_random_slot(context, placement)
    history = context.history
    if slot is None or found.draft is not None or not history.personalization_enabled:
        return found
    if context.subject is None or history.version is None:
        return found
    about = context.viewed_product_id
    seed = (slot.salt, context.subject.key, placement.value, about, count, history.version)
    draw_id = blake2s(repr(seed).encode(), digest_size=8).hexdigest()
    fixed = [entry.product_id for entry in found.entries if entry.source is Source.PINNED]
    product_ids = [entry.product_id for entry in found.entries]
    draw = draw_slot(
        product_ids,
        place=slot.place,
        n_candidates=slot.n_candidates,
        rng=random.Random(draw_id),
        fixed=fixed,
    )
    if draw is None:
        return found
    by_id = {entry.product_id: entry for entry in found.entries}
    confidence, entries = 1.0, []
    for product_id in arrange(product_ids, draw, fixed=fixed):
        entry = by_id[product_id]
        confidence = min(confidence, entry.confidence_score)
        entries.append(entry._replace(confidence_score=confidence))
    return replace(found, entries=tuple(entries), slot=LoggedSlot(draw_id, draw))
