"""Asks the sources of a list, one after another, until they fill it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain, islice

from recommendations.choices import Source
from recommendations.engine.candidates import Candidate, Reason
from recommendations.engine.filters import count_within_caps
from recommendations.engine.rules import Rules, get_pins
from recommendations.engine.styles import Style, keep_one_of_each_style
from recommendations.engine.trace import ListTrace, Stage
from recommendations.reasons import ReasonCode
from recommendations.services.infra.degradation import ignore_database_errors
from recommendations.services.lists.context import ListContext
from recommendations.services.lists.filtering import filter_and_apply_rules
from recommendations.services.lists.list_spec import ListSpec
from recommendations.services.lists.sources import CandidateSource
from recommendations.services.lists.wish import MAX_NARROWED

MIN_FIRST_BATCH = 40
"""A list chooses among at least this many candidates of a source, if the source has them."""
CHOICE_FACTOR = 4
"""A list chooses among at least this many candidates for each of its places."""
SPARE_CANDIDATES = 20
"""A source is asked for this many candidates more, because filters drop some."""

FEWEST_ENTRIES = 4
"""A list that could hold more and would have fewer entries is filled with what was bought before.

Four products are one row of the storefront."""


def collect_candidates(
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
    batches = _iter_sources(sources, limit, spec.count, named, never, trace, among)
    for batch in _prefetch_rest_after_first(batches, context):
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


def _iter_sources(
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


def _prefetch_rest_after_first(
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
