"""Readiness of this process: its database, its cache, its model and its search."""

import secrets
from dataclasses import dataclass
from enum import StrEnum

from django.core.cache import cache
from django.db import Error as DatabaseFailure
from django.db import connection

from recommendations.conf import configuration
from recommendations.errors import ArtifactError
from recommendations.services.feeds.status import describe_problems
from recommendations.services.infra.database_limits import limit_database_waits
from recommendations.services.infra.layered_cache import CACHE_ERRORS
from recommendations.services.looks import building as looks
from recommendations.services.search import live_index
from recommendations.services.search.meaning import EncoderState, check_encoder
from recommendations.services.search.query import AnsweredBy
from recommendations.services.training.failures import find_failed_training
from recommendations.services.training.live_model import get_current
from recommendations.services.training.registry import get_live_version

CHECK_SECONDS = 1.0
"""How long the checks may wait for the database."""


class PartStatus(StrEnum):
    """Status of one part; `missing` means that no model has been trained yet."""

    OK = "ok"
    FAILING = "failing"
    MISSING = "missing"


class HealthStatus(StrEnum):
    """Overall status."""

    OK = "ok"
    DEGRADED = "degraded"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Readiness:
    """Status of each part."""

    database: PartStatus
    cache: PartStatus
    model: PartStatus
    training: PartStatus
    feeds: PartStatus
    search: PartStatus
    """`missing` while the index or the vectors that meaning needs are being made."""
    search_by: AnsweredBy | None
    """What would answer a search now; None without the database."""
    pictures: PartStatus
    """`missing` while vectors of pictures are being computed, `failing` without the packages."""
    picture_share: float | None
    """The share of the products with a photograph that have a vector; None if there are none."""

    @property
    def status(self) -> HealthStatus:
        """Unavailable without the database; degraded if any other part is not ok.

        Feeds and pictures have no say: the shop serves what it has, and staff are told in the
        admin.
        """
        if self.database is PartStatus.FAILING:
            return HealthStatus.UNAVAILABLE
        if self.cache is self.model is self.training is self.search is PartStatus.OK:
            return HealthStatus.OK
        return HealthStatus.DEGRADED


def check_readiness() -> Readiness:
    """Check every part now; load the live model if this process has not loaded it yet."""
    with limit_database_waits(CHECK_SECONDS):
        database = _check_database()
        model = _check_model() if database is PartStatus.OK else PartStatus.FAILING
        training = _check_training() if database is PartStatus.OK else PartStatus.OK
        feeds = _check_feeds() if database is PartStatus.OK else PartStatus.OK
        search, search_by = PartStatus.FAILING, None
        if database is PartStatus.OK:
            search, search_by = _check_search()
    pictures, picture_share = _check_pictures()
    return Readiness(
        database=database,
        cache=_check_cache(),
        model=model,
        training=training,
        feeds=feeds,
        search=search,
        search_by=search_by,
        pictures=pictures,
        picture_share=picture_share,
    )


def _check_database() -> PartStatus:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseFailure:
        return PartStatus.FAILING
    return PartStatus.OK


def _check_cache() -> PartStatus:
    # Not through the layered cache: the memory of this process would answer.
    token = secrets.token_hex(8)
    try:
        cache.set(f"health:{token}", token, timeout=10)
        answered = cache.get(f"health:{token}") == token
    except CACHE_ERRORS:
        return PartStatus.FAILING
    return PartStatus.OK if answered else PartStatus.FAILING


def _check_model() -> PartStatus:
    try:
        if get_current() is not None:
            return PartStatus.OK
        return PartStatus.MISSING if get_live_version() is None else PartStatus.FAILING
    except DatabaseFailure:
        return PartStatus.FAILING


def _check_training() -> PartStatus:
    try:
        return PartStatus.OK if find_failed_training() is None else PartStatus.FAILING
    except DatabaseFailure:
        return PartStatus.OK


def _check_feeds() -> PartStatus:
    try:
        return PartStatus.FAILING if describe_problems() else PartStatus.OK
    except DatabaseFailure:
        return PartStatus.OK


def _check_search() -> tuple[PartStatus, AnsweredBy | None]:
    """Return the status of search, and what answers."""
    try:
        index = live_index.get_current()
    except DatabaseFailure:
        return PartStatus.FAILING, None
    if index is None:
        return PartStatus.MISSING, AnsweredBy.FILTER
    encoder = check_encoder()
    if encoder is EncoderState.OFF:
        return PartStatus.OK, AnsweredBy.WORDS
    if encoder is EncoderState.FAILING:
        return PartStatus.FAILING, AnsweredBy.WORDS
    if not index.has_vectors:
        return PartStatus.MISSING, AnsweredBy.WORDS
    return PartStatus.OK, AnsweredBy.BOTH


def _check_pictures() -> tuple[PartStatus, float | None]:
    """Return the status of the vectors of pictures, and the share of products that have one."""
    if not configuration().picture_vectors:
        return PartStatus.OK, None
    if not looks.is_on():
        return PartStatus.FAILING, None
    try:
        count = looks.read_count()
    except ArtifactError:
        return PartStatus.FAILING, None
    if count is None:
        return PartStatus.MISSING, None
    return PartStatus.MISSING if count.waiting else PartStatus.OK, count.share
