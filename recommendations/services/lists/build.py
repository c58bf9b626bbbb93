"""Builds every list: asks the sources until the list is full, then reranks and explains it."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from math import ceil

from recommendations.choices import Placement, Source
from recommendations.engine.candidates import Candidate, Reason
from recommendations.engine.filters import (
    count_within_caps,
    demote_seen,
    filter_candidates,
    name_obstacle,
    scale_scores,
)
from recommendations.engine.mmr import rerank_mmr
from recommendations.engine.reserved_places import Reservation, fill_reserved
from recommendations.engine.result import build_ranked_list, get_list_source
from recommendations.engine.rules import Rules, apply_rules, get_categories, get_pins
from recommendations.engine.styles import Style, keep_one_of_each_style
from recommendations.engine.trace import ListTrace, Stage
from recommendations.reasons import ReasonCode
from recommendations.services.infra.counters import LISTS_MADE
from recommendations.services.infra.degradation import ignore_database_errors
from recommendations.services.lists.context import ListContext
from recommendations.services.lists.passed_over import find_rest_factors
from recommendations.services.lists.reserved_places import NewProducts, keep_matching, leave_out
from recommendations.services.lists.result import RecommendationList
from recommendations.services.lists.rules import decide_rules, read_candidate_columns
from recommendations.services.lists.sources import CandidateSource
from recommendations.services.lists.wish import MAX_NARROWED
from recommendations.services.shop.categories import find_members
from recommendations.services.shop.product_rows import NamedProduct

MIN_FIRST_BATCH = 40
"""A list chooses among at least this many candidates of a source, if the source has them."""
CHOICE_FACTOR = 4
"""A list chooses among at least this many candidates for each of its places."""
SPARE_CANDIDATES = 20
"""A source is asked for this many candidates more, because filters drop some."""

FEWEST_ENTRIES = 4
"""A list that could hold more and would have fewer entries is filled with what was bought before.

Four products are one row of the storefront."""


@dataclass(frozen=True, slots=True)
class ListSpec:
    """The contents of a list; a `ListContext` has the subject that it is built for."""

    placement: Placement
    count: int
    sources: Sequence[CandidateSource]
    """Asked in this order until the list is full."""
    fallback: CandidateSource | None
    """Asked last, for more and more candidates until the list is full.

    It names every product that the list may hold, so a list with a fallback has an entry as long
    as the shop sells anything: see `FEWEST_ENTRIES`.

    A list without a fallback may be short. It has no pinned products, and only products whose
    reason names another product.
    """
    explain: Callable[[list[Candidate]], list[Candidate]] | None = None
    """Replaces the reasons of the chosen candidates, which are those of their sources."""
    reason_names: Mapping[int, NamedProduct] | None = None
    """Names of the products that reasons point at; None means those of the history."""
    exclude: Collection[int] = ()
    """Products that the list must not hold."""
    avoid: Collection[int] = ()
    """Products of a kind of which one is enough; the list has them only if all else is missing."""
    find_new: Callable[[Reservation], NewProducts] | None = None
    """Names the products for reserved places; None: the list has no such places."""
    shows_styles_once: bool = False
    """Whether the list has one product of each style, whatever colours and sizes there are."""
    is_personal: bool = False
    """Whether the candidates of the model and the session come from the subject's history."""


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
    usable = demote_seen(_collect(spec, context, rules, caps), seen)
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


def filter_and_apply_rules(
    candidates: Sequence[Candidate],
    context: ListContext,
    rules: Rules,
    *,
    with_bought: bool = False,
) -> list[Candidate]:
    """Return the candidates that the subject may be shown, with their scores under the rules.

    `with_bought` keeps what the subject bought, repeatable or not.
    """
    history = context.history
    context.read_products([one.product_id for one in candidates])
    allowed = filter_candidates(
        candidates,
        context.products,
        purchased=() if with_bought else history.purchased,
        excluded=history.in_cart | history.dismissed,
    )
    if (trace := context.trace) is not None:
        _note_dropped(trace, candidates, allowed, context)
    if not rules.change_candidates:
        return _note_ruled(trace, allowed)
    members: Mapping[int, Collection[str]] = {}
    paths = get_categories(rules)
    if paths and allowed:
        # If they cannot be read, rules hold for the main categories, which are known.
        with ignore_database_errors("rules"):
            members = find_members([one.product_id for one in allowed], paths)
    columns = read_candidate_columns(allowed, context, rules)
    kept = apply_rules(allowed, context.products, rules, members, columns)
    if trace is not None:
        left = {one.product_id for one in allowed} - {one.product_id for one in kept}
        trace.drop(Stage.HIDDEN, left)
    return _note_ruled(trace, kept)


def _note_dropped(
    trace: ListTrace,
    candidates: Sequence[Candidate],
    allowed: Sequence[Candidate],
    context: ListContext,
) -> None:
    """Tell the trace who passed the filters, and for each of the others why it did not."""
    history, passed = context.history, {one.product_id for one in allowed}
    trace.pass_filters(allowed)
    for product_id in {one.product_id for one in candidates} - passed:
        stage = name_obstacle(
            context.products.get(product_id),
            is_purchased=product_id in history.purchased,
            is_in_cart=product_id in history.in_cart,
            is_dismissed=product_id in history.dismissed,
        )
        if stage is not None:
            trace.drop(stage, [product_id])


def _note_ruled(trace: ListTrace | None, candidates: list[Candidate]) -> list[Candidate]:
    if trace is not None:
        trace.apply_rules(candidates)
    return candidates


def _collect(
    spec: ListSpec, context: ListContext, rules: Rules, caps: Mapping[str, int]
) -> list[Candidate]:
    """Return candidates that the list may show; ask sources only until they fill the list."""
    never = context.history.purchased | context.history.in_cart | context.history.dismissed
    excluded = context.already_shown.union(spec.exclude)
    named = excluded.union(spec.avoid)
    limit = CHOICE_FACTOR * spec.count + SPARE_CANDIDATES + len(never) + len(named)
    narrowing = context.narrowing
    if narrowing is not None:
        limit = max(limit, MAX_NARROWED)
    usable: list[Candidate] = []
    styles: set[Style] | None = set() if spec.shows_styles_once else None
    sources: Sequence[CandidateSource] = spec.sources
    if rules.pinned and spec.fallback is not None:
        sources = [lambda _: get_pins(rules), *sources]
    if (trace := context.trace) is not None:
        trace.excluded = frozenset(excluded)
        trace.drop(Stage.SAME_KIND, spec.avoid)
        trace.sources = (*sources, *([spec.fallback] if spec.fallback else []))
    among = None if narrowing is None else narrowing.product_ids
    batches = iter_sources(sources, limit, spec.count, named, never, trace, among)
    for batch in prefetch_rest_after_first(batches, context):
        usable += _keep_styles(filter_and_apply_rules(batch, context, rules), context, styles)
        if count_within_caps(usable, context.products, **caps) >= spec.count:
            return usable
    if spec.fallback is None or len(usable) >= spec.count:
        return usable
    enough = CHOICE_FACTOR * spec.count
    newest = _ask_until_enough(
        spec.fallback, enough, limit + len(named), context, rules, named, styles=styles
    )
    usable += newest
    if not usable and spec.avoid:
        usable = _ask_until_enough(spec.fallback, enough, limit, context, rules, excluded)
    if len(usable) < min(spec.count, FEWEST_ENTRIES):
        usable += _find_bought_before(spec, spec.fallback, context, rules, excluded)
    return usable


def _keep_styles(
    candidates: list[Candidate], context: ListContext, styles: set[Style] | None
) -> list[Candidate]:
    """Return one candidate of each style that is not in `styles`; all if that is None."""
    if styles is None:
        return candidates
    kept = keep_one_of_each_style(candidates, context.products, styles)
    if context.trace is not None:
        left = {one.product_id for one in candidates} - {one.product_id for one in kept}
        context.trace.drop(Stage.SAME_STYLE, left)
    return kept


def iter_sources(
    sources: Sequence[CandidateSource],
    limit: int,
    count: int,
    named: set[int],
    never: frozenset[int],
    trace: ListTrace | None = None,
    among: Collection[int] | None = None,
) -> Iterator[list[Candidate]]:
    """Yield the candidates of each source that are not `named` yet, in two batches.

    The first batch is enough for most lists: `CHOICE_FACTOR` candidates for each place, plus one
    for each candidate that is in `never`. A source whose tables cannot be read is skipped. If
    `among` is given, other products are left out at once.
    """
    for source in sources:
        fresh: list[Candidate] = []
        with ignore_database_errors("candidates"):
            fresh = source(limit)
        if trace is not None:
            trace.ask(source, limit, fresh)
        fresh = [
            one
            for one in fresh
            if one.product_id not in named and (among is None or one.product_id in among)
        ]
        product_ids = [one.product_id for one in fresh]
        first = max(CHOICE_FACTOR * count, MIN_FIRST_BATCH) + len(never.intersection(product_ids))
        for batch in (fresh[:first], fresh[first:]):
            if batch:
                yield batch
        named.update(product_ids)


def prefetch_rest_after_first(
    batches: Iterator[list[Candidate]], context: ListContext
) -> Iterator[list[Candidate]]:
    """Yield the first batch; then read the products of all the others at once, and yield them."""
    yield from islice(batches, 1)
    rest = list(batches)
    context.read_products([one.product_id for one in chain.from_iterable(rest)])
    yield from rest


def _find_bought_before(
    spec: ListSpec,
    fallback: CandidateSource,
    context: ListContext,
    rules: Rules,
    excluded: Collection[int],
) -> list[Candidate]:
    """Return what the subject bought and is not repeatable, bought longest ago first.

    For a subject who switched personalization off, source and reason are those of the fallback.
    """
    history = context.history
    if not history.purchased:
        return []
    limit = CHOICE_FACTOR * spec.count + len(history.purchased) + len(excluded)
    listed = _ask_until_enough(fallback, limit, limit, context, rules, excluded, with_bought=True)
    bought = {
        one.product_id: one
        for one in listed
        if one.product_id in history.purchased
        and not context.products[one.product_id].is_repeatable
    }
    if not history.personalization_enabled:
        return list(bought.values())
    reason = Reason(ReasonCode.BOUGHT_BEFORE)
    return [
        bought[product_id]._replace(source=Source.BOUGHT_BEFORE, reason=reason)
        for product_id in reversed(history.purchases)
        if product_id in bought
    ]


def _ask_until_enough(
    source: CandidateSource,
    enough: int,
    limit: int,
    context: ListContext,
    rules: Rules,
    named: Collection[int],
    *,
    with_bought: bool = False,
    styles: set[Style] | None = None,
) -> list[Candidate]:
    """Return `enough` usable candidates of a source; ask for more until it has no more.

    None is of the `styles` that the list has already, and no two are of one; None: they may be.
    """
    while True:
        found = source(limit)
        if (trace := context.trace) is not None:
            trace.ask(source, limit, found)
        fresh = [one for one in found if one.product_id not in named]
        usable = filter_and_apply_rules(fresh, context, rules, with_bought=with_bought)
        usable = _keep_styles(usable, context, None if styles is None else set(styles))
        if len(usable) >= enough or len(found) < limit:
            return usable[:enough]
        limit *= CHOICE_FACTOR
