from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from recommendations.choices import Placement
from recommendations.models import ServedList
from recommendations.services.lists import ListContext, get_new_arrivals, served_log
from recommendations.services.lists.list_request import ListRequest
from recommendations.services.lists.result import RecommendationList
from recommendations.services.people.subjects import Subject
from recommendations.tasks import prune_served_lists
from recommendations.tests.builders import make_products, make_shopper, make_visitor

pytestmark = pytest.mark.django_db(transaction=True)


def serve(subject: Subject | None, found: RecommendationList | None = None) -> UUID:
    return served_log.log_served_list(
        subject=subject,
        placement=Placement.HOME,
        name="new-arrivals",
        found=found or get_new_arrivals(context=ListContext(None)),
        request=ListRequest(count=10),
    )


def test_a_served_list_is_logged_with_its_products() -> None:
    first, second = make_products(2)
    visitor = make_visitor()

    list_id = serve(visitor)
    assert not ServedList.objects.exists()
    served_log.flush()

    kept = ServedList.objects.get()
    assert (kept.pk, kept.session_id, kept.user_id) == (list_id, visitor.session_id, None)
    assert (kept.placement, kept.name, kept.source) == ("home", "new-arrivals", "newest")
    assert (kept.product_ids, kept.model_version) == ([second.pk, first.pk], "")
    assert kept.request == {"count": 10}


def test_many_lists_are_written_with_one_statement(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    make_products(2)
    found = get_new_arrivals(context=ListContext(None))
    for _ in range(50):
        serve(make_visitor(), found)

    with django_assert_num_queries(3):  # begin, insert, commit
        served_log.flush()

    assert ServedList.objects.count() == 50


def test_an_impression_is_added_to_its_list_once() -> None:
    first, second = make_products(2)
    visitor = make_visitor()
    list_id = serve(visitor)

    served_log.log_impressions(subject=visitor, list_id=list_id, product_ids=[second.pk, 999])
    served_log.log_impressions(subject=visitor, list_id=list_id, product_ids=[second.pk, first.pk])
    served_log.flush()

    assert ServedList.objects.get().seen_product_ids == [second.pk, first.pk]


def test_impressions_of_another_subjects_list_are_ignored() -> None:
    product = make_products(1)[0]
    list_id = serve(make_visitor())

    served_log.log_impressions(subject=make_visitor(), list_id=list_id, product_ids=[product.pk])
    served_log.log_impressions(subject=None, list_id=uuid4(), product_ids=[product.pk])
    served_log.flush()

    assert ServedList.objects.get().seen_product_ids == []


def test_an_impression_waits_for_the_list_of_another_process() -> None:
    product = make_products(1)[0]
    visitor = make_visitor()
    list_id = serve(visitor)
    elsewhere = served_log._served.pop()

    served_log.log_impressions(subject=visitor, list_id=list_id, product_ids=[product.pk])
    served_log.flush()
    elsewhere.save(force_insert=True)
    served_log.flush()

    assert ServedList.objects.get().seen_product_ids == [product.pk]


def test_a_list_of_a_deleted_account_does_not_stop_the_others() -> None:
    make_products(1)
    gone, stays = make_shopper(), make_shopper()
    serve(gone)
    list_id = serve(stays)
    User.objects.get(pk=gone.user_id or 0).delete()

    served_log.flush()

    assert [kept.pk for kept in ServedList.objects.all()] == [list_id]


def test_old_lists_are_pruned() -> None:
    make_products(1)
    old, new = serve(None), serve(None)
    served_log.flush()
    ServedList.objects.filter(pk=old).update(created_at=timezone.now() - timedelta(days=91))

    prune_served_lists()

    assert [kept.pk for kept in ServedList.objects.all()] == [new]
