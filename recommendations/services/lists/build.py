"""Builds every list: collects candidates, then reranks and explains them."""

from collections.abc import Callable
from functools import partial
from math import ceil

from recommendations.choices import Source
from recommendations.engine.candidates import Candidate
from recommendations.engine.filters import demote_seen, scale_scores
from recommendations.engine.mmr import rerank_mmr
from recommendations.engine.reserved_places import Reservation, fill_reserved
from recommendations.engine.result import build_ranked_list, get_list_source
from recommendations.engine.rules import Rules
from recommendations.engine.trace import Stage
from recommendations.services.infra.counters import LISTS_MADE
from recommendations.services.lists.collecting import collect_candidates
from recommendations.services.lists.context import ListContext
from recommendations.services.lists.filtering import (
    filter_and_apply_rules,
    keep_matching,
    leave_out,
)
from recommendations.services.lists.list_spec import ListSpec
from recommendations.services.lists.passed_over import find_rest_factors
from recommendations.services.lists.reserved_places import NewProducts
from recommendations.services.lists.result import RecommendationList
from recommendations.services.lists.rules import decide_rules


def build(spec: ListSpec, context: ListContext) -> RecommendationList:
    """Build the list that the spec describes, for the subject of the context."""
    rules = decide_rules(context, spec.placement)
    policy = context.treatment.get_policy(spec.placement)
    history = context.history
    caps = {
        "max_per_category": max(1, ceil(policy.category_cap * spec.count)),
        "max_per_department": max(1, ceil(policy.department_cap * spec.count)),
    }
    trace = context.begin_trace()
    if trace is not None:
        trace.rules = rules
        trace.facts = {"count": spec.count, "mmr_lambda": policy.mmr_lambda, **caps}
    # Pinned products stand where staff put them.
    seen = history.names.keys() - set(rules.pinned) if history.personalization_enabled else ()
    usable = demote_seen(collect_candidates(spec, context, rules, caps), seen)
    if spec.is_personal and rules.rests:
        usable = scale_scores(usable, find_rest_factors(usable, rules.rests[0], context))
    products = context.products
    model = context.model if Source.MODEL in [one.source for one in usable] else None
    vectors = None
    if model is not None and policy.mmr_lambda < 1:
        vectors = model.get_vectors([one.product_id for one in usable])
    choose = partial(
        rerank_mmr,
        products=products,
        vectors=vectors,
        count=spec.count,
        max_per_category=caps["max_per_category"],
        max_per_department=caps["max_per_department"],
        mmr_lambda=policy.mmr_lambda,
    )
    chosen = choose(usable, trace=trace)
    if spec.find_new is not None and rules.reservations:
        chosen = _fill_reserved(spec, context, rules, chosen, spec.find_new)
    if spec.explain is not None:
        chosen = spec.explain(chosen)
    if spec.fallback is None:
        with_reason = [one for one in chosen if one.reason.product_id is not None]
        if trace is not None:
            left = {one.product_id for one in chosen} - {one.product_id for one in with_reason}
            trace.drop(Stage.WITHOUT_REASON, left)
        chosen = with_reason
    if trace is not None:
        trace.weighed = tuple(usable)
        trace.choose = choose
    entries = build_ranked_list(chosen)
    if not entries and context.failure is not None:
        raise context.failure
    sources = [entry.source for entry in entries]
    source = get_list_source(sources)
    if not context.is_for_staff:
        LISTS_MADE.labels(source=source.value).inc()
    return RecommendationList(
        entries=entries,
        source=source,
        personalized=source is Source.BOUGHT_BEFORE
        or (spec.is_personal and source in {Source.MODEL, Source.SESSION}),
        model_version=model.version if model is not None and Source.MODEL in sources else None,
        products={entry.product_id: products[entry.product_id] for entry in entries},
        reason_names=history.names if spec.reason_names is None else spec.reason_names,
    )


def _fill_reserved(
    spec: ListSpec,
    context: ListContext,
    rules: Rules,
    chosen: list[Candidate],
    find_new: Callable[[Reservation], NewProducts],
) -> list[Candidate]:
    """Return the list with new products in the places that staff reserved."""
    reservation = rules.reservations[0]
    if len(chosen) < reservation.one_in:
        return chosen
    new = find_new(reservation)
    named = {one.product_id for one in chosen}.union(
        context.already_shown, spec.exclude, spec.avoid
    )
    drawn = filter_and_apply_rules(leave_out(new.candidates, named), context, rules)
    drawn = keep_matching(drawn, reservation.condition, context)
    filled = fill_reserved(chosen, drawn, one_in=reservation.one_in, new_ids=new.product_ids)
    if context.trace is not None:
        left = named - {one.product_id for one in filled}
        context.trace.drop(
            Stage.GAVE_WAY, [one.product_id for one in chosen if one.product_id in left]
        )
    return filled
