"""When a training is due, and how staff are told."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.choices import ModelState
from recommendations.conf import configuration
from recommendations.models import ModelVersion, Product, UserBehavior
from recommendations.services.infra.translation import tell
from recommendations.services.training import registry
from recommendations.services.training.data import LEARNT_PRODUCTS
from recommendations.services.training.failures import (
    UNFINISHED,
    find_failed_training,
    is_training_under_way,
    plan_next_try,
)


def find_retraining_reason() -> str | None:
    """Return why a training is due, None if none is due.

    Interactions are new if they came after the last finished training, whether its version went
    live or was rejected: a rejected training is not repeated on the same data. A training that
    failed or was interrupted is tried again, after a pause that `plan_next_try` says. If the live
    version cannot be read, there is no model to serve, so a training is due.
    """
    damage = registry.find_live_damage()
    if plan_next_try(has_model=damage is None) > timezone.now():
        return None
    if find_failed_training() is not None and find_obstacle() is None:
        return _("The last training failed.")
    return _find_reason_in_data(damage)


def _find_reason_in_data(damage: str | None) -> str | None:
    """Return why what has happened since the last finished training asks for another one."""
    settings = configuration()
    last = ModelVersion.objects.exclude(state__in=UNFINISHED).first()
    since = last.last_interaction_id if last else 0
    newer = UserBehavior.objects.filter(id__gt=since).order_by("id")
    enough = settings.retrain_after_interactions
    # Fetching at most `enough` ids is fast; counting all rows of a long table is not.
    count = len(newer.values_list("id")[:enough])
    if last is None:
        return _("There is no model yet.") if count else None
    is_repeat = not count and last.state == ModelState.REJECTED.value and not last.promoted_at
    if (
        damage is not None
        and (since or count)
        and not (is_repeat and registry.get_live_version() is None)
    ):
        return damage
    if count >= enough:
        return _("At least {} interactions are new.").format(enough)
    age = timezone.now() - last.created_at
    if age < timedelta(hours=settings.retrain_after_hours):
        return None
    anything_new = count or Product.objects.filter(created_at__gt=last.created_at).exists()
    if not anything_new:
        return None
    return ngettext(
        "The last training is {} day old.", "The last training is {} days old.", age.days
    ).format(age.days)


def find_obstacle() -> str | None:
    """Return why no training can start now, as a sentence; None if one can."""
    if is_training_under_way():
        return _("A training is under way: its result appears among the model versions.")
    return _find_lack_of_data()


def _find_lack_of_data() -> str | None:
    learnt = Product.objects.filter(LEARNT_PRODUCTS)
    if not UserBehavior.objects.filter(product__in=learnt).exists():
        return _("There are no interactions with active products, so nothing to learn from.")
    return None


def describe_next_training() -> str:
    """Tell whether a training is due, and why or from when on, in a sentence."""
    again = plan_next_try(has_model=registry.find_live_damage() is None)
    if again > timezone.now():
        return _("No training is due before {}.").format(f"{timezone.localtime(again):%H:%M}")
    return _("Training is due: {}").format(find_retraining_reason() or _("no."))


def describe_failed_training() -> str | None:
    """Tell of the failed training and of the next try, in sentences; None if none failed."""
    failed = find_failed_training()
    if failed is None:
        return None
    begun = timezone.localtime(failed.created_at)
    told = _("The training of {begun} failed: {reason}").format(
        begun=f"{begun:%Y-%m-%d %H:%M}", reason=tell(failed.reason)
    )
    return f"{told} {_describe_next_try()}"


def _describe_next_try() -> str:
    again = plan_next_try(has_model=registry.find_live_damage() is None)
    if again > timezone.now():
        at = f"{timezone.localtime(again):%H:%M}"
        return _("The schedule tries again after {}.").format(at)
    if lack := _find_lack_of_data():
        told = _("The schedule tries again once it can.")
        return f"{told} {lack}"
    return _("The schedule tries again within five minutes.")
