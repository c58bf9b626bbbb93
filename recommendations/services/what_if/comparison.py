"""One what-if from the log to its result: read lists, make them again, measure the change."""

from dataclasses import dataclass
from time import monotonic

from django.utils import timezone

from recommendations.choices import Placement
from recommendations.models import ServedList
from recommendations.progress import Progress, report_nothing
from recommendations.sentences import say
from recommendations.services.experiments.arm_models import blend
from recommendations.services.insight.explain import Variation
from recommendations.services.shop.merchandising import compile_rules
from recommendations.services.training import live_model, registry
from recommendations.services.training.live_model import Snapshot
from recommendations.services.what_if.changes import TriedChange
from recommendations.services.what_if.click_log import read_click_log
from recommendations.services.what_if.effects import Effects, measure_effects
from recommendations.services.what_if.places import Numbering
from recommendations.services.what_if.replay import Replay, ReplayedList, order_by_request
from recommendations.services.what_if.slot_value import SlotValue, estimate_slot_value

MOST_SECONDS = 900.0
"""Lists that are not made again by then are left out."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a what-if found, and on what."""

    effects: Effects
    product_names: dict[int, str]
    """Of the products in the examples."""
    n_asked: int
    """Lists of the log that were to be replayed."""
    n_left_out: int
    """Lists that cannot be made any more, because the page has none or its product is off sale."""
    n_in_time: int
    """Lists that were reached before the time was up."""
    n_without_request: int
    """Later lists than the oldest one replayed of which the log does not say what was asked for."""
    first_served: str
    """When the oldest list was served, and the newest, as ISO 8601; empty without lists."""
    last_served: str
    live_model: str
    """The model that serves, empty if none does."""
    seconds: float
    slot: SlotValue | None
    """What the change would have earned in the slot that was filled at random, if one was."""


@dataclass(frozen=True, slots=True)
class ReplayedLog:
    """The latest lists of a placement, made again."""

    lists: list[ReplayedList]
    replay: Replay
    served: list[ServedList]
    n_in_time: int
    n_without_request: int
    live_model: str


def compare_on_log(
    *,
    placement: Placement,
    how_many: int,
    change: TriedChange,
    progress: Progress = report_nothing,
) -> Result:
    """Replay the latest lists of a placement as they are now and with the change, and compare.

    Raises:
        ArtifactError: The files of the model version that is tried are missing or damaged.
    """
    begun = monotonic()
    log = replay_log(placement=placement, how_many=how_many, change=change, progress=progress)
    progress(say("Reading clicks"), 0, 1)
    numbering = Numbering()
    logged = read_click_log(placement, numbering)
    progress(say("Reading clicks"), 1, 1)
    shown = {pk for one in log.lists for pk in (*one.before, *one.after)}
    products = log.replay.read_products(shown)
    effects = measure_effects(log.lists, logged, numbering, products, progress)
    slot = estimate_slot_value(log.served, log.replay, progress)
    named = {pk for one in effects.examples for pk in (*one.before, *one.after)}
    times = sorted(row.created_at for row in log.served)
    return Result(
        effects=effects,
        product_names={pk: products[pk].name for pk in named if pk in products},
        n_asked=len(log.served),
        n_left_out=log.replay.n_left_out,
        n_in_time=log.n_in_time,
        n_without_request=log.n_without_request,
        first_served=times[0].isoformat() if times else "",
        last_served=times[-1].isoformat() if times else "",
        live_model=log.live_model,
        seconds=round(monotonic() - begun, 1),
        slot=slot,
    )


def replay_log(
    *,
    placement: Placement,
    how_many: int,
    change: TriedChange,
    progress: Progress = report_nothing,
) -> ReplayedLog:
    """Make the latest lists of a placement again, as they are now and with the change.

    Raises:
        ArtifactError: The files of the model version that is tried are missing or damaged.
    """
    served, n_without = _read_served(placement, how_many)
    live = live_model.refresh()
    model = _load_version(change.model) if change.model else live
    if model is not None and change.weights:
        model = blend(model, change.weights)
    now = timezone.now()
    replay = Replay(
        placement,
        Variation(live, compile_rules(change.rules_before, now=now)),
        Variation(model, compile_rules(change.rules_after, now=now)),
    )
    begun, reached = monotonic(), 0
    lists: list[ReplayedList] = []
    for n_rows, made in replay.run(served):
        lists += made
        reached += n_rows
        progress(say("Making lists again"), reached, len(served))
        if monotonic() - begun > MOST_SECONDS:
            break
    return ReplayedLog(lists, replay, served, reached, n_without, live.version if live else "")


def _read_served(placement: Placement, how_many: int) -> tuple[list[ServedList], int]:
    """Return the latest lists whose request is known, and how many later ones have none."""
    rows = ServedList.objects.filter(placement=placement.value)
    columns = ("user_id", "session_id", "name", "product_ids", "created_at", "request", "slot")
    known = rows.filter(request__isnull=False).order_by("-created_at", "id")
    served = list(known.only(*columns)[:how_many])
    later = rows.filter(request__isnull=True)
    if len(served) == how_many:
        later = later.filter(created_at__gte=served[-1].created_at)
    return order_by_request(served), later.count()


def _load_version(name: str) -> Snapshot:
    return Snapshot(name, registry.load_artifact(name).warm_up())
