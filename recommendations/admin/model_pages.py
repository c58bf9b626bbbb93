"""What the pages of model versions show beside the table: verdicts, progress, and comparisons."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_celery_beat.models import PeriodicTask

from recommendations.admin.formats import write_number
from recommendations.choices import ModelState
from recommendations.conf import configuration
from recommendations.errors import InvalidInputError
from recommendations.models import ModelVersion
from recommendations.services.infra.translation import tell
from recommendations.services.insight.compare_models import (
    ModelComparison,
    compare_models,
    find_sample_shoppers,
)
from recommendations.services.insight.explain import list_model_names, load_model
from recommendations.services.training import live_model
from recommendations.services.training.failures import is_training_under_way
from recommendations.services.training.live_model import Snapshot
from recommendations.services.training.schedule import describe_next_training
from recommendations.services.training.training_sets import LoadedSet
from recommendations.services.training.verdict import (
    Measure,
    describe_verdict,
    get_duration,
    list_measures,
)
from recommendations.tasks import retrain_when_due

SHOPPERS_PER_PAGE = 5
"""More lists than those of so many shoppers need too many queries for one page."""

AWAITED_FOR = timedelta(minutes=2)
"""A worker that has not begun by then is busy or away; the page stops to look for it."""


def build_training_state(
    *, may_train: bool, has_failed: bool, asked_at: float | None
) -> dict[str, Any]:
    """Return what the list of versions says of a training that runs; after a failure none does.

    `asked_at` is the time at which the user asked for one.
    """
    running = None
    if not has_failed and is_training_under_way():
        running = ModelVersion.objects.filter(state=ModelState.CANDIDATE.value).first()
    return {
        "may_train": may_train,
        "is_awaited": running is None and _is_awaited(asked_at),
        "running": running and {"name": running.name, "progress": tell(running.progress)},
    }


def _is_awaited(asked_at: float | None) -> bool:
    """Return whether the worker has not begun yet what was asked for a moment ago."""
    if asked_at is None:
        return False
    asked = datetime.fromtimestamp(asked_at, UTC)
    if asked < timezone.now() - AWAITED_FOR:
        return False
    return not ModelVersion.objects.filter(created_at__gte=asked).exists()


def build_next_training() -> dict[str, Any]:
    """Return when the next scheduled training is due, and what it will use."""
    return {"next": describe_next_training(), "settings": list_settings()}


def list_settings() -> list[tuple[str, str]]:
    """Return what the next scheduled training will use: names of settings, and their values."""
    settings = configuration()
    schedule = PeriodicTask.objects.filter(task=retrain_when_due.name).select_related(
        "crontab", "interval"
    ).first()  # fmt: skip
    weights = ", ".join(
        f"{kind.value} {localize(weight)}" for kind, weight in settings.interaction_weights.items()
    )
    is_default = settings.preset == "default"
    return [
        (_("Looked whether one is due"), _describe_schedule(schedule)),
        (
            _("Due after new interactions"),
            f"{write_number(settings.retrain_after_interactions)} "
            "(SHOP_RETRAIN_AFTER_INTERACTIONS)",
        ),
        (
            _("Due after hours, if anything is new"),
            f"{localize(settings.retrain_after_hours)} (SHOP_RETRAIN_AFTER_HOURS)",
        ),
        (_("Preset"), f"{settings.preset} (SHOP_PRESET)"),
        *(
            [
                (
                    _("Weights of the members"),
                    f"collaborative {localize(settings.collaborative_weight)}, "
                    f"factorization {localize(settings.factorization_weight)}",
                )
            ]
            if is_default
            else []
        ),
        (_("Weights of interactions"), weights),
        (_("Decay a day"), localize(settings.decay_per_day)),
        (_("Versions kept"), f"{settings.keep_model_versions}"),
    ]


def build_version_page(version: ModelVersion) -> dict[str, Any]:
    """Return what the page of a version says beside its columns."""
    duration = get_duration(version)
    return {
        "verdict": describe_verdict(version),
        "measures": [_build_measure(measure) for measure in list_measures(version)],
        "cases": version.metrics.get("cases"),
        "duration": describe_duration(duration.total_seconds()) if duration else "",
        "origin": _describe_origin(version.metrics),
        "progress": tell(version.progress),
        "log": tell(version.log),
        "members": [
            {
                "name": name,
                "weight": localize(weight),
                "seconds": version.metrics.get("fit_seconds", {}).get(name),
            }
            for name, weight in version.parameters.get("weights", {}).items()
        ],
        "shape": _describe_shape(version.parameters),
    }


def shorten_parameters(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters with the number of the trees in place of their thousand numbers."""
    reranker = parameters.get("reranker", {})
    if not reranker.get("values"):
        return parameters
    trees = {"steepness": reranker.get("steepness"), "trees": len(reranker["values"])}
    return {**parameters, "reranker": trees}


def _describe_origin(metrics: dict[str, Any]) -> list[str]:
    """Return what trained the version and who learnt from a sample; an old version says nothing."""
    sentences = []
    engine = metrics.get("engine")
    if engine == LoadedSet.engine_name:
        sentences.append(_("It was trained in memory."))
    elif engine:
        sentences.append(
            _("It was trained by the engine %(engine)s, from the log in Parquet.")
            % {"engine": engine}
        )
    if sampled := metrics.get("learnt_from_sample"):
        sentences.append(
            _("These members learnt from a sample of the shoppers: %(members)s.")
            % {"members": ", ".join(sampled)}
        )
    return sentences


def _describe_shape(parameters: dict[str, Any]) -> list[str]:
    """Return what tuning chose beside the weights, as sentences; nothing of what has no effect."""
    shape = parameters.get("shape", {})
    sentences = []
    if exponent := shape.get("trend_exponent"):
        sentences.append(
            _("Products that sell more than they used to are lifted: trend to the power %(power)s.")
            % {"power": localize(float(f"{exponent:g}"))}
        )
    if abstention := shape.get("abstention"):
        sentences.append(
            _(
                "For a product that nobody touched yet, members that do not read descriptions "
                "keep %(share)s of their weight."
            )
            % {"share": f"{write_number(100 * (1 - abstention))} %"}
        )
    if trees := parameters.get("reranker", {}).get("values"):
        sentences.append(
            ngettext(
                "%(count)d tree corrects the blended scores.",
                "%(count)d trees correct the blended scores.",
                len(trees),
            )
            % {"count": len(trees)}
        )
    return sentences


def build_comparison(request: HttpRequest) -> dict[str, Any]:
    """Return two versions side by side: metrics, and the lists of sample shoppers.

    Raises:
        InvalidInputError: There is no second version to compare with.
        ArtifactError: The artifact of a version is damaged.
    """
    names = list_model_names()
    if len(names) < 2:
        raise InvalidInputError(_("Two versions are needed that can still be loaded."))
    chosen = [request.GET.get("before", ""), request.GET.get("after", "")]
    after = chosen[1] if chosen[1] in names else names[0]
    others = [name for name in names if name != after]
    before = chosen[0] if chosen[0] in others else others[0]
    page = 2 if request.GET.get("shoppers") == "2" else 1
    sample = find_sample_shoppers()
    shown = sample[(page - 1) * SHOPPERS_PER_PAGE : page * SHOPPERS_PER_PAGE]
    comparison = compare_models(_load(before), _load(after), shown)
    versions = {
        version.name: version for version in ModelVersion.objects.filter(name__in=[before, after])
    }
    return {
        "names": names,
        "before": before,
        "after": after,
        "columns": [_describe_version(versions[name]) for name in (before, after)],
        "shoppers": _build_shoppers(comparison, first=(page - 1) * SHOPPERS_PER_PAGE + 1),
        "pages": [
            {
                "number": number,
                "first": (number - 1) * SHOPPERS_PER_PAGE + 1,
                "last": min(number * SHOPPERS_PER_PAGE, len(sample)),
                "is_chosen": number == page,
            }
            for number in (1, 2)
            if len(sample) > (number - 1) * SHOPPERS_PER_PAGE
        ],
    }


def describe_duration(seconds: float) -> str:
    """Return a length of time in minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    return _("{} min {} s").format(minutes, rest) if minutes else _("{} s").format(rest)


def describe_percent(share: float | None) -> str:
    """Return a change in percent with its sign; empty if there was nothing to compare with."""
    if share is None:
        return ""
    sign = "+" if share >= 0 else "−"
    return f"{sign}{write_number(abs(100 * share), 1)} %"


def _load(name: str) -> Snapshot:
    live = live_model.get_current()
    return live if live is not None and live.version == name else load_model(name)


def _build_measure(measure: Measure) -> dict[str, str]:
    return {
        "name": measure.name,
        "value": write_number(measure.value, 4),
        "popularity": "" if measure.popularity is None else write_number(measure.popularity, 4),
        "above_popularity": describe_percent(measure.above_popularity),
        "live": "" if measure.live is None else write_number(measure.live, 4),
        "above_live": describe_percent(measure.above_live),
    }


def _describe_version(version: ModelVersion) -> dict[str, Any]:
    duration = get_duration(version)
    return {
        "name": version.name,
        "state": version.get_state_display(),
        "trained": timezone.localtime(version.created_at),
        "duration": describe_duration(duration.total_seconds()) if duration else "–",
        "interactions": write_number(version.n_interactions),
        "products": write_number(version.n_items),
        "subjects": write_number(version.n_users),
        "measures": [_build_measure(measure) for measure in list_measures(version)],
        "verdict": describe_verdict(version),
    }


def _build_shoppers(comparison: ModelComparison, *, first: int) -> list[dict[str, Any]]:
    names = {product_id: card.name for product_id, card in comparison.products.items()}
    return [
        {
            "number": number,
            "changed": lists.n_changed,
            "of": len(lists.after),
            "before": [
                {"name": names[product_id], "is_other": product_id not in lists.after}
                for product_id in lists.before
            ],
            "after": [
                {"name": names[product_id], "is_other": product_id not in lists.before}
                for product_id in lists.after
            ],
        }
        for number, lists in enumerate(comparison.shoppers, start=first)
    ]


def _describe_schedule(schedule: PeriodicTask | None) -> str:
    if schedule is None:
        return _("never: the worker has not started yet, or its entry was deleted")
    if not schedule.enabled:
        return _("never: the entry of the schedule is switched off")
    return str(schedule.schedule)
