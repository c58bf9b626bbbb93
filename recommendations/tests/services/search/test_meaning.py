import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any

import pytest
from django.test import Client

from ecommerce_rec.encoder_process import keep_encoder_running
from recommendations.retrieval.encoder_access import SOCKET_VARIABLE
from recommendations.retrieval.encoder_service import EncoderServer
from recommendations.retrieval.sentence_encoder import SentenceEncoder
from recommendations.services.search import live_index, meaning
from recommendations.services.search.building import is_due, rebuild
from recommendations.services.search.meaning import EncoderState, check_encoder
from recommendations.services.search.query import AnsweredBy, find_products
from recommendations.tests.builders import make_experiment, make_product, make_user, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def by_meaning(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "search_by_meaning": True}
    monkeypatch.setattr(meaning.breaker, "pause_seconds", 0.0)
    monkeypatch.delenv(SOCKET_VARIABLE, raising=False)


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> Iterator[EncoderServer]:
    with TemporaryDirectory() as folder:
        path = str(Path(folder) / "socket")
        with EncoderServer(path, SentenceEncoder()) as server:
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
            monkeypatch.setenv(SOCKET_VARIABLE, path)
            yield server
            server.shutdown()


def wait_for(state: EncoderState) -> None:
    end = monotonic() + 60
    while check_encoder() is not state:
        assert monotonic() < end, f"The encoder was not {state} within a minute."
        sleep(0.05)


def test_products_are_found_by_meaning_too(encoder: EncoderServer) -> None:
    shoe = make_product(name="Trail running shoe", category="Sports")
    make_product(name="Kettle", category="Kitchen")
    rebuild()

    found = find_products(text="jogging footwear")

    assert (found.product_ids[0], found.answered_by) == (shoe.pk, AnsweredBy.BOTH)
    assert not is_due()


@pytest.mark.parametrize(
    ("mode", "answered_by"),
    [("", AnsweredBy.BOTH), ("meaning", AnsweredBy.BOTH), ("words", AnsweredBy.WORDS)],
)
def test_an_arm_of_an_experiment_chooses_whether_meaning_counts(
    encoder: EncoderServer, mode: str, answered_by: AnsweredBy
) -> None:
    make_product(name="Desk lamp")
    rebuild()
    make_experiment(
        {"name": "control", "search_mode": mode}, {"name": "other", "search_mode": mode}
    )

    browser = sign_in(make_user())
    answers = [browser.get("/api/search/?q=desk lamp").json()["answered_by"] for _ in range(2)]

    assert answers == [answered_by.value] * 2


def test_words_alone_answer_until_there_are_vectors(encoder: EncoderServer) -> None:
    lamp = make_product(name="Lamp")

    found = find_products(text="lamp")
    health = Client().get("/api/health/ready").json()

    assert (found.product_ids, found.answered_by) == ([lamp.pk], AnsweredBy.WORDS)
    assert (health["checks"]["search"], health["search_by"]) == ("missing", "words")


def test_words_alone_answer_while_the_encoder_does_not() -> None:
    lamp = make_product(name="Lamp")
    rebuild()

    found = find_products(text="lamp")
    health = Client().get("/api/health/ready").json()

    assert (found.product_ids, found.answered_by) == ([lamp.pk], AnsweredBy.WORDS)
    assert (health["status"], health["search_by"]) == ("degraded", "words")
    assert health["checks"]["search"] == "failing"


def test_an_encoder_that_goes_in_the_middle_of_a_search_costs_the_meaning_alone(
    encoder: EncoderServer,
) -> None:
    lamp = make_product(name="Desk lamp")
    rebuild()
    before = find_products(text="desk lamp").answered_by

    encoder.shutdown()
    encoder.server_close()
    found = find_products(text="desk lmap")

    assert (before, found.answered_by) == (AnsweredBy.BOTH, AnsweredBy.WORDS)
    assert found.product_ids == [lamp.pk]


def test_health_says_that_words_and_meaning_answer(encoder: EncoderServer) -> None:
    make_product(name="Lamp")
    rebuild()
    live_index.refresh()

    health = Client().get("/api/health/ready").json()

    assert "search" not in health["checks"]
    assert health["search_by"] == "both"


def test_an_encoder_that_was_killed_is_started_again_and_ends_with_its_starter() -> None:
    with keep_encoder_running():
        wait_for(EncoderState.OK)
        path = os.environ[SOCKET_VARIABLE]
        first = find_process(path)
        os.kill(first, signal.SIGKILL)
        wait_for(EncoderState.FAILING)
        wait_for(EncoderState.OK)
        second = find_process(path)

    assert first != second
    assert not Path(path).parent.exists()
    assert check_encoder() is EncoderState.FAILING


def find_process(argument: str) -> int:
    processes = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,args="], capture_output=True, text=True, check=True
    )
    (line,) = [each for each in processes.stdout.splitlines() if each.endswith(argument)]
    return int(line.split()[0])
