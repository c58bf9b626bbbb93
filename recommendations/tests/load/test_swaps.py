"""Versions go live and are taken back while lists are made: each list is wholly one version's."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connections

from recommendations.services import caching, registry, snapshot
from recommendations.services.lists import RecommendationList
from recommendations.services.recommending import Viewer, recommend
from recommendations.services.subjects import Subject
from recommendations.services.training import train
from recommendations.tests.builders import make_interactions, make_two_taste_shop, make_visitor

READERS = 8
PER_SECOND = 200
COUNT = 6

Told = tuple[tuple[int, float, float, float], ...]
"""What tells a version's list from another's: the products with their three scores."""


@dataclass
class Readers:
    """Threads that ask for lists at a steady rate until they are stopped."""

    subjects: Sequence[Subject]
    made: list[tuple[Subject, RecommendationList]] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)
    _stopped: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Readers":
        self._threads = [
            threading.Thread(target=self._read, args=(number,)) for number in range(READERS)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _read(self, number: int) -> None:
        turn, due = number, time.monotonic()
        try:
            while not self._stopped.wait(max(0.0, due - time.monotonic())):
                subject = self.subjects[turn % len(self.subjects)]
                self.made.append((subject, recommend(viewer=Viewer(subject), count=COUNT)))
                turn, due = turn + READERS, due + READERS / PER_SECOND
        except BaseException as failure:
            self.failures.append(failure)
            raise
        finally:
            connections.close_all()


@pytest.fixture
def subjects(
    transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> list[Subject]:
    """Return visitors of a shop in which lists stay what they are while the version does."""
    settings.RECOMMENDATIONS = settings.RECOMMENDATIONS | {"kept_versions": 4}
    monkeypatch.setattr(snapshot, "CHECKED_EVERY_SECONDS", 0.1)
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
    snapshot.refresh()
    return names


def test_every_list_is_one_versions_while_versions_change(
    subjects: list[Subject], versions: list[str]
) -> None:
    require_no_mixed_list(subjects, versions, held_seconds=0.2)


@pytest.mark.load
def test_two_hundred_lists_a_second_are_made_while_versions_change(
    subjects: list[Subject], versions: list[str]
) -> None:
    per_second = require_no_mixed_list(subjects, versions, held_seconds=3)

    print(f"\n{per_second:.0f} lists a second")  # noqa: T201
    assert per_second > 0.9 * PER_SECOND


def test_versions_of_different_seeds_can_be_told_apart(
    subjects: list[Subject], versions: list[str]
) -> None:
    lists = [tuple(lists_of(name, subjects).values()) for name in versions]

    assert len(set(lists)) == 4


def require_no_mixed_list(
    subjects: Sequence[Subject], versions: Sequence[str], *, held_seconds: float
) -> float:
    """Let three versions go live and roll one back under load; returns the lists a second."""
    alone = {name: lists_of(name, subjects) for name in versions}
    registry.promote(versions[0])
    snapshot.refresh()
    forget_lists()

    with Readers(subjects) as readers:
        began = time.monotonic()
        time.sleep(held_seconds)
        for name in versions[1:]:
            registry.promote(name)
            wait_until(partial(answers, readers, name))
            time.sleep(held_seconds)
        back_to = registry.roll_back().name
        wait_until(partial(answers, readers, back_to))
        time.sleep(held_seconds)
        seconds = time.monotonic() - began

    assert readers.failures == []
    assert back_to == versions[2]
    assert {found.model_version for _, found in readers.made} == set(versions)
    mixed = [
        (found.model_version, told(found))
        for subject, found in readers.made
        if told(found) != alone[str(found.model_version)][subject]
    ]
    assert mixed == []
    return len(readers.made) / seconds


def lists_of(name: str, subjects: Sequence[Subject]) -> dict[Subject, Told]:
    """Return everybody's list of a version, made while nothing changes."""
    registry.promote(name)
    snapshot.refresh()
    forget_lists()
    return {subject: told(recommend(viewer=Viewer(subject), count=COUNT)) for subject in subjects}


def told(found: RecommendationList) -> Told:
    return tuple(
        (
            one.ranked.product_id,
            one.ranked.confidence_score,
            one.ranked.cf_score,
            one.ranked.mf_score,
        )
        for one in found.entries
    )


def forget_lists() -> None:
    caching.forget_memory()
    cache.clear()


def answers(readers: Readers, name: str) -> bool:
    """Return whether the list that was made last is this version's."""
    return readers.made[-1][1].model_version == name


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)
