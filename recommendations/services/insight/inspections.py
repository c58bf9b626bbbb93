"""The audit log of staff's looks into lists: who, when, about whom, at which placement."""

from datetime import timedelta

from django.utils import timezone

from recommendations.choices import InspectedHistory
from recommendations.conf import configuration
from recommendations.models import ListInspection
from recommendations.services.people.subjects import Subject


def note_inspection(
    *, staff_id: int | None, subject: Subject | None, placement: str, product_id: int | None = None
) -> ListInspection:
    """Note a look into the list of a subject; None is a history that staff typed."""
    history = InspectedHistory.TYPED
    if subject is not None:
        is_shopper = subject.user_id is not None
        history = InspectedHistory.SHOPPER if is_shopper else InspectedHistory.VISITOR
    return ListInspection.objects.create(
        staff_id=staff_id,
        history=history.value,
        user_id=subject.user_id if subject else None,
        session_id=subject.session_id if subject else None,
        placement=placement,
        product_id=product_id,
    )


def prune() -> int:
    """Delete what is older than the log of served lists; return how much there was."""
    oldest = timezone.now() - timedelta(days=configuration().served_log_keep_days)
    return ListInspection.objects.filter(created_at__lt=oldest).delete()[0]
