"""A list that two models share, while an interleaving compares them."""

import random
from collections.abc import Callable
from dataclasses import replace

from recommendations.choices import Placement
from recommendations.engine.result import get_list_source
from recommendations.services.experiments.treatments import Interleaving
from recommendations.services.lists.context import ListContext
from recommendations.services.lists.result import Draft, RecommendationList
from recommendations.trials.interleaving import Drafter, interleave

Builder = Callable[[ListContext, Placement, int], RecommendationList]


def build_interleaved(
    builder: Builder,
    context: ListContext,
    placement: Placement,
    count: int,
    interleaving: Interleaving,
) -> RecommendationList:
    """Build the list of each model, and let the models draft one list from both.

    Coins are drawn anew for every list, but the same list is drafted again from the same history.
    Rules and caps hold for the list of each model.
    """
    own_contexts = [_hand_over(context, interleaving, number) for number in (0, 1)]
    first, second = (builder(own, placement, count) for own in own_contexts)
    context.failure = next((own.failure for own in own_contexts if own.failure is not None), None)
    subject_key = context.subject and context.subject.key
    seed = (interleaving.salt, subject_key, placement.value, count, context.history.version)
    drafted = interleave(
        [entry.product_id for entry in first.entries],
        [entry.product_id for entry in second.entries],
        count=count,
        rng=random.Random(repr(seed)),
    )
    of_first, of_second = (
        {entry.product_id: entry for entry in found.entries} for found in (first, second)
    )
    confidence, ranked = 1.0, []
    for product_id, drafter in zip(drafted.product_ids, drafted.drafters, strict=True):
        is_first = drafter is not Drafter.SECOND and product_id in of_first
        entry = (of_first if is_first else of_second)[product_id]
        confidence = min(confidence, entry.confidence_score)
        ranked.append(entry._replace(confidence_score=confidence))
    source = get_list_source([entry.source for entry in ranked])
    return RecommendationList(
        entries=tuple(ranked),
        source=source,
        personalized=first.personalized or second.personalized,
        model_version=first.model_version or second.model_version,
        products={pk: context.products[pk] for pk in drafted.product_ids},
        reason_names={**second.reason_names, **first.reason_names},
        draft=Draft(interleaving.experiment_id, drafted.drafters),
    )


def _hand_over(context: ListContext, interleaving: Interleaving, number: int) -> ListContext:
    """Return the context with one of the two models; nothing is read twice."""
    own = replace(context, given_history=context.history)
    own.rules = context.rules
    model = interleaving.models[number]
    own.treatment = replace(
        context.treatment,
        interleaving=None,
        model_version=model.version,
        weights=model.weights,
    )
    return own
