"""Versions are promoted and rolled back while lists are made: each list is of one version only."""

import time
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest

from recommendations.services.infra import layered_cache
from recommendations.services.lists import ListContext, recommend
from recommendations.services.lists.result import RecommendationList
from recommendations.services.people.subjects import Subject
from recommendations.services.training import live_model, registry
from recommendations.services.training.train import train
from recommendations.tests.builders import make_interactions, make_two_taste_shop, make_visitor
from recommendations.tests.load.servers import wait_until
from recommendations.tests.load.traffic import Readers
from recommendations.tests.shared_cache import empty_shared_cache

READERS = 8
PER_SECOND = 200
HELD_SECONDS = 0.2
COUNT = 6

Made = tuple[Subject, RecommendationList]
ListFingerprint = tuple[tuple[int, float, float, float], ...]
"""The fingerprint of a version's list: the products with their three scores."""


@pytest.fixture
def subjects(
    transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> list[Subject]:
    """Return visitors of a shop whose lists change with the model version only."""
    settings.RECOMMENDATIONS = settings.RECOMMENDATIONS | {"keep_model_versions": 4}
    monkeypatch.setattr(live_model, "POLL_SECONDS", 0.1)
    products = make_two_taste_shop(categories=("Lamps", "Tents", "Books"))
    found = []
    for number in range(20):
        visitor = make_visitor()
        category = ("Tents", "Books")[number % 2]
        make_interactions(visitor, products[category][number % 5 : number % 5 + 3])
        found.append(visitor)
    return found


@pytest.fixture
def versions(subjects: list[Subject]) -> list[str]:
    """Return four versions that differ; the first is live."""
    names = [train(seed=seed).name for seed in range(4)]
    registry.promote(names[0])
    live_model.refresh()
    return names


def test_every_list_is_one_versions_while_versions_change(
    subjects: list[Subject], versions: list[str]
) -> None:
    alone = {name: build_lists(name, subjects) for name in versions}
    registry.promote(versions[0])
    live_model.refresh()
    clear_caches()

    def read(turn: int) -> Made:
        subject = subjects[turn % len(subjects)]
        return subject, recommend(context=ListContext(subject), count=COUNT)

    with Readers(read, threads=READERS, per_second=PER_SECOND) as readers:
        time.sleep(HELD_SECONDS)
        for name in versions[1:]:
            registry.promote(name)
            wait_until(partial(has_answered, readers, name), lambda: "The version does not answer.")
            time.sleep(HELD_SECONDS)
        back_to = registry.roll_back().name
        wait_until(partial(has_answered, readers, back_to), lambda: "The version does not answer.")
        time.sleep(HELD_SECONDS)

    assert readers.failures == []
    assert back_to == versions[2]
    assert {found.model_version for _, found in readers.made} == set(versions)
    mixed = [
        (found.model_version, get_fingerprint(found))
        for subject, found in readers.made
        if get_fingerprint(found) != alone[str(found.model_version)][subject]
    ]
    assert mixed == []


def test_versions_of_different_seeds_can_be_told_apart(
    subjects: list[Subject], versions: list[str]
) -> None:
    lists = [tuple(build_lists(name, subjects).values()) for name in versions]

    assert len(set(lists)) == 4


def build_lists(name: str, subjects: Sequence[Subject]) -> dict[Subject, ListFingerprint]:
    """Return each visitor's list of a version, made while nothing changes."""
    registry.promote(name)
    live_model.refresh()
    clear_caches()
    return {
        subject: get_fingerprint(recommend(context=ListContext(subject), count=COUNT))
        for subject in subjects
    }


def get_fingerprint(found: RecommendationList) -> ListFingerprint:
    return tuple(
        (
            one.product_id,
            one.confidence_score,
            one.cf_score,
            one.mf_score,
        )
        for one in found.entries
    )


def clear_caches() -> None:
    layered_cache.clear_memory()
    empty_shared_cache()


def has_answered(readers: Readers[Made], name: str) -> bool:
    """Return whether the last list is of this version."""
    return readers.made[-1][1].model_version == name
