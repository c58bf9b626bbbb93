import gc
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from numba.core.dispatcher import Dispatcher

from recommendations.services.infra.warmup import warm_up_process
from recommendations.services.search.building import rebuild
from recommendations.services.training import live_model
from recommendations.services.training.train import train
from recommendations.tests.builders import make_two_taste_shop

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stateful]


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    live_model.forget()
    yield
    gc.unfreeze()
    live_model.forget()


def test_the_model_is_loaded_before_the_first_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_two_taste_shop()
    version = train()
    live_model.forget()

    warm_up_process()

    monkeypatch.setattr("recommendations.ml.artifacts.load", _nothing_is_loaded)
    current = live_model.get_current()
    assert current is not None
    assert current.version == version.name


def test_objects_from_before_the_first_request_are_frozen_for_the_garbage_collector() -> None:
    warm_up_process()

    assert gc.get_freeze_count() > len(gc.get_objects())


def test_a_process_starts_without_a_model() -> None:
    warm_up_process()

    assert live_model.get_current() is None


def _nothing_is_loaded(*_: Any) -> None:
    raise AssertionError("a request loaded a model")


def test_no_request_compiles_a_loop_after_the_warm_up(client: Client) -> None:
    lamp, *_ = make_two_taste_shop()["Lamps"]
    train()
    rebuild()
    loops = _forget_compiled_loops()
    warm_up_process()
    compiled = [len(loop.overloads) for loop in loops]

    client.get("/api/search/", {"q": lamp.name})
    client.get("/api/search/", {"q": "lamqs"})
    client.get("/api/search/suggestions/", {"q": "lam"})
    event = {"product_id": lamp.pk, "interaction_type": "view"}
    client.post("/api/interaction/", event, content_type="application/json")
    client.get("/api/recommendations/me/")
    client.get(f"/api/products/{lamp.pk}/similar/")

    assert sum(compiled) > 0
    assert [len(loop.overloads) for loop in loops] == compiled


def _forget_compiled_loops() -> list[Any]:
    """Return the compiled loops of all modules, as a process has them that has just started."""
    loops = [
        value
        for name, module in sorted(sys.modules.items())
        if name.startswith("recommendations.")
        for value in vars(module).values()
        if isinstance(value, Dispatcher)
    ]
    for loop in loops:
        loop._reset_overloads()  # type: ignore[attr-defined]
    return loops
