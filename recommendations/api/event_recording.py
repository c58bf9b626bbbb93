"""Record events of one caller: many take as many statements as one."""

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from django.db import transaction
from django.utils.crypto import salted_hmac
from rest_framework.exceptions import APIException

from recommendations.api.ids import OwnId, SessionName, ShopperReference
from recommendations.api.interaction_serializers import Outcome
from recommendations.api.route import Route
from recommendations.errors import InvalidInputError, ShopError
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.interactions import (
    Draft,
    NewInteraction,
    append_drafts,
    draft_interactions,
)
from recommendations.services.shop.own_ids import TouchedProduct

Event = Mapping[str, Any]
"""The values of an `InteractionSerializer`."""
Recorded = tuple[Outcome, dict[str, Any]]
"""Whether an event is new, and for servers the ids of product, variant and shopper."""


def record_events(route: Route, events: Sequence[Event]) -> list[Recorded | Exception]:
    """Record valid events of a route's caller; return what became of each, or why it is refused.

    A refused event does not affect the others, and makes no shopper.
    """
    return _Recording(route, events).record()


class _Recording:
    """The events of one request, with what has been found out about each, by their numbers."""

    def __init__(self, route: Route, events: Sequence[Event]) -> None:
        self.caller, self.own_ids, self.events = route.caller, route.own_ids, events
        self.touched: dict[int, TouchedProduct] = {}
        self.drafts: dict[int, Draft] = {}
        self.subjects: dict[int, Subject] = {}
        self.refusals: dict[int, Exception] = {}

    def record(self) -> list[Recorded | Exception]:
        """Return the outcome of each event."""
        self._find_products()
        self._make_drafts()
        with transaction.atomic():
            self._find_subjects()
            is_new = self._append()
        if self.caller.is_server:
            self.own_ids.look_up_external_ids(self.subjects.values())
        return [
            self._describe(number, is_new[number]) if number in is_new else self.refusals[number]
            for number in range(len(self.events))
        ]

    def _find_products(self) -> None:
        if self.caller.is_server:
            self.own_ids.look_up_products(event["product_id"] for event in self.events)
            self.own_ids.look_up_variants(event["variant_id"] for event in self.events)
        for number, event in enumerate(self.events):
            try:
                self.caller.authorize(event["user_id"])
                self.touched[number] = self.own_ids.find_touched(
                    event["product_id"], event["variant_id"]
                )
            except (APIException, ShopError) as error:
                self.refusals[number] = error

    def _make_drafts(self) -> None:
        interactions = [
            NewInteraction(
                product_id=touched.product_id,
                **{
                    name: value
                    for name, value in self.events[number].items()
                    if name not in {"user_id", "product_id", "variant_id"}
                },
            )
            for number, touched in self.touched.items()
        ]
        drafts = draft_interactions(interactions, may_backdate=self.caller.is_server)
        for number, draft in zip(self.touched, drafts, strict=True):
            if isinstance(draft, ShopError):
                self.refusals[number] = draft
            else:
                self.drafts[number] = draft

    def _find_subjects(self) -> None:
        references = {number: self.events[number]["user_id"] for number in self.drafts}
        # What is wrong with the ids of shoppers is the error of each event that has one.
        with suppress(InvalidInputError):
            self.own_ids.ensure_shoppers(references.values())
        for number, reference in references.items():
            try:
                self.subjects[number] = self._find_subject(reference, self.events[number])
            except (APIException, ShopError) as error:
                self.refusals[number] = error

    def _find_subject(self, reference: ShopperReference, event: Event) -> Subject:
        if isinstance(reference, OwnId | SessionName):
            return self.own_ids.ensure_subject(reference)
        found = self.caller.get_history_subject(reference)
        return found or Subject(session_id=_make_unlinked_id(event["event_id"]))

    def _append(self) -> dict[int, bool]:
        """Return, for each recorded event, whether its row is new."""
        appended = append_drafts(
            [(subject, self.drafts[number]) for number, subject in self.subjects.items()]
        )
        is_new = {}
        for number, row in zip(self.subjects, appended, strict=True):
            if isinstance(row, ShopError):
                self.refusals[number] = row
            else:
                _, is_new[number] = row
        return is_new

    def _describe(self, number: int, is_new: bool) -> Recorded:
        ids: dict[str, Any] = {}
        if self.caller.is_server:
            subject, touched = self.subjects[number], self.touched[number]
            ids = {
                "product_id": touched.product_id,
                "product_external_id": self.drafts[number].product_external_id or None,
                "user_id": subject.user_id,
                "user_external_id": self.own_ids.find_external_id(subject),
            }
            if self.events[number]["variant_id"] is not None:
                ids["variant_id"] = touched.variant_id
                ids["variant_external_id"] = touched.variant_external_id or None
        return (Outcome.ACCEPTED if is_new else Outcome.DUPLICATE), ids


def _make_unlinked_id(event_id: str | None) -> str:
    """Return a session id for one event of an opted-out visitor: no two events share one.

    A retry of an event gets the same id, so that the shop recognises the retry.
    """
    if event_id is None:
        return f"unlinked-{secrets.token_urlsafe(24)}"
    return f"unlinked-{salted_hmac('unlinked', event_id).hexdigest()}"
