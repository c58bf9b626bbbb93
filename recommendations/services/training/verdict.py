"""How good a model version is, and what the gate said of it, in words for staff."""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from recommendations.choices import ModelState
from recommendations.models import ModelVersion
from recommendations.services.infra.translation import tell
from recommendations.services.training import gate

EARLIER_COVERAGE_FLOOR = 0.8
"""That of versions from before the floor was a setting and noted with the metrics."""

METRIC_NAMES = {"ndcg": "NDCG@10", "hit_rate": "Hit rate@10"}


class Measure(NamedTuple):
    """A metric of a version, and of what it was measured against on the same cases.

    None where there was nothing to compare with. The live version's configuration was fitted anew.
    """

    name: str
    value: float
    popularity: float | None
    live: float | None

    @property
    def above_popularity(self) -> float | None:
        """How far it is above popularity, as a share of that."""
        return _compare(self.value, self.popularity)

    @property
    def above_live(self) -> float | None:
        """How far it is above the live configuration of then, as a share of that."""
        return _compare(self.value, self.live)


def list_measures(version: ModelVersion) -> list[Measure]:
    """Return the metrics of a version; none if it was measured on too few cases to tell."""
    measured = gate.get_measured(version.metrics)
    return [
        Measure(
            METRIC_NAMES[name], values["ensemble"], values.get("popularity"), values.get("live")
        )
        for name, values in measured.items()
        if "ensemble" in values
    ]


def get_duration(version: ModelVersion) -> timedelta | None:
    """Return how long the training took; None if that is not known."""
    return version.ended_at - version.created_at if version.ended_at else None


def describe_verdict(version: ModelVersion) -> str:
    """Tell what the gate, or staff, decided about a version, and why."""
    state = ModelState(version.state)
    if state is ModelState.CANDIDATE:
        return _("Its training runs, or was interrupted.")
    if state is ModelState.FAILED:
        return _("Its training failed: {}").format(tell(version.reason))
    was_live = version.promoted_at is not None
    if state is ModelState.REJECTED and was_live:
        return _("It was live and was taken back: {}").format(tell(version.reason))
    if state is ModelState.REJECTED:
        return _("The gate rejected it: {}").format(
            " ".join(_describe_faults(version)) or tell(version.reason)
        )
    if version.overruled_for:
        return _("{staff} made it live although it was rejected: {reason}").format(
            staff=version.overruled_by, reason=version.overruled_for
        )
    return " ".join([_("The gate let it go live."), *_describe_merits(version)])


def _describe_merits(version: ModelVersion) -> Iterator[str]:
    cases = version.metrics.get("cases", 0)
    measures = list_measures(version)
    if not measures:
        yield _(
            "Its quality was not measured: {cases} of the {needed} shoppers that this needs had "
            "interactions to hold out. Every shopper that was tried got a list."
        ).format(cases=cases, needed=gate.MIN_CASES)
        return
    yield _("Measured on {} held-out cases.").format(_write(cases))
    for measure in measures[:1]:
        for name, share in (
            (_("popularity"), measure.above_popularity),
            (_("the live configuration of then"), measure.above_live),
        ):
            if share is not None:
                yield _describe_share(measure.name, share, name)


def _describe_faults(version: ModelVersion) -> Iterator[str]:
    for measure in list_measures(version)[:1]:
        for name, other in (
            (_("popularity"), measure.popularity),
            (_("the live configuration of then"), measure.live),
        ):
            if other is not None and measure.value < (1 - gate.TOLERANCE) * other:
                share = _compare(measure.value, other)
                if share is not None:
                    yield _describe_share(measure.name, share, name)
    listed = version.metrics.get("listed_products")
    of_live = version.metrics.get("listed_products_live")
    floor = version.metrics.get("coverage_floor", EARLIER_COVERAGE_FLOOR)
    if listed is not None and of_live and listed < floor * of_live:
        yield _(
            "Its lists hold {listed} different products, those of the live model {of_live}; at "
            "least {percent} % of these are required (SHOP_COVERAGE_FLOOR)."
        ).format(listed=listed, of_live=of_live, percent=f"{100 * floor:.0f}")


def _describe_share(metric: str, share: float, other: str) -> str:
    percent = _write(abs(100 * share), 1)
    if share >= 0:
        return _("{metric} is {percent} % above {other}.").format(
            metric=metric, percent=percent, other=other
        )
    return _("{metric} is {percent} % below {other}.").format(
        metric=metric, percent=percent, other=other
    )


def _write(number: float, decimals: int = 0) -> str:
    # Django cuts decimals off rather than rounding them.
    return number_format(round(number, decimals), decimals, use_l10n=True, force_grouping=True)


def _compare(value: float, other: float | None) -> float | None:
    return None if not other else value / other - 1
