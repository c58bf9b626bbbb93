"""What the subject may be shown, and what the rules of staff make of it; a trace is told both."""

from collections.abc import Collection, Mapping, Sequence

from recommendations.engine.candidates import Candidate
from recommendations.engine.conditions.evaluation import evaluate
from recommendations.engine.conditions.parsing import Condition, list_tests
from recommendations.engine.filters import filter_candidates, name_obstacle
from recommendations.engine.rules import Rules, apply_rules, get_categories
from recommendations.engine.trace import ListTrace, Stage
from recommendations.services.infra.degradation import ignore_database_errors
from recommendations.services.lists.context import ListContext
from recommendations.services.lists.rules import read_candidate_columns
from recommendations.services.shop.categories import find_members
from recommendations.services.shop.product_columns import read_columns


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


def keep_matching(
    candidates: Sequence[Candidate], condition: Condition, context: ListContext
) -> list[Candidate]:
    """Return the candidates for whose products a decided condition holds."""
    if condition is True or not candidates:
        return list(candidates)
    cards = [context.products[one.product_id] for one in candidates]
    holds = evaluate(condition, read_columns(cards, list_tests(condition)))
    return [one for one, held in zip(candidates, holds, strict=True) if held]


def leave_out(candidates: Sequence[Candidate], product_ids: Collection[int]) -> list[Candidate]:
    """Return the candidates without these products."""
    return [one for one in candidates if one.product_id not in product_ids]


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
