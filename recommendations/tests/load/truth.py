"""What must hold for a list according to the tables, computed without the engine's code."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

import numpy as np

from recommendations.choices import Source
from recommendations.engine.result import RankedProduct
from recommendations.models import CartItem, Dismissal, Product, UserBehavior
from recommendations.reasons import ReasonCode
from recommendations.services.lists.result import RecommendationList
from recommendations.services.people.subjects import Subject

HISTORY_LENGTH = 50
FEWEST_SHOPPERS = 5
SESSION = timedelta(hours=12)
NEXT_WITHIN = timedelta(days=30)
EVERYBODYS = (Source.TRENDING, Source.POPULAR, Source.NEWEST, Source.BOUGHT_BEFORE)
FALLBACK_CHAINS = {
    "for-you": (Source.MODEL, Source.SESSION, *EVERYBODYS),
    "for-you beside a search": (Source.MODEL, Source.SESSION, *EVERYBODYS),
    "similar": (Source.CONTENT, Source.MODEL, *EVERYBODYS),
    "bought-together": (Source.SESSION, Source.MODEL, *EVERYBODYS),
    "complements": (Source.SESSION, Source.MODEL, *EVERYBODYS),
    "trending": EVERYBODYS,
    "trending in a category": EVERYBODYS,
    "popular": EVERYBODYS[1:],
    "popular in a category": EVERYBODYS[1:],
    "new-arrivals": EVERYBODYS[2:],
    "recently-viewed": (Source.SESSION,),
    "buy-again": (Source.SESSION,),
}
HALF_OF_A_CATEGORY = {"for-you", "complements", "trending", "popular",
                      "new-arrivals"}  # fmt: skip
"""Lists of which one category may fill half."""
MAY_BE_EMPTY = {"recently-viewed", "buy-again"}
"""Lists of products that the subject viewed or bought, which have no fallback."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A requested list: its subject, its length and its product."""

    name: str
    subject: Subject | None
    count: int
    product_id: int | None = None


class Truth:
    """The shop as it is while no test writes to it."""

    def __init__(self) -> None:
        self.products = {product.pk: product for product in Product.objects.all()}
        self.done: dict[Any, list[tuple[datetime, int, int, str]]] = defaultdict(list)
        bought: dict[int, dict[Any, list[float]]] = defaultdict(lambda: defaultdict(list))
        for row_id, user_id, session_id, product_id, kind, at in UserBehavior.objects.values_list(
            "id", "user_id", "session_id", "product_id", "interaction_type", "timestamp"
        ):
            who = user_id or session_id
            self.done[who].append((at, row_id, product_id, kind))
            if kind == "purchase":
                bought[product_id][who].append(at.timestamp())
        for told in self.done.values():
            told.sort()
        self.bought = bought
        self.in_cart = _products_of(CartItem)
        self.dismissed = _products_of(Dismissal)

    def complaints(self, asked: Asked, found: RecommendationList) -> Iterator[str]:
        """Return the faults of a list, one sentence each."""
        ids = [entry.product_id for entry in found.entries]
        if not ids and asked.name not in MAY_BE_EMPTY:
            yield "It is empty."
        if len(ids) != len(set(ids)):
            yield "It holds a product twice."
        if len(ids) > asked.count:
            yield f"It holds {len(ids)}."
        for entry in found.entries:
            yield from self._unwanted(asked, entry, found)
            if not self._is_true(asked, entry, found):
                yield f"The reason of {entry.product_id} is not true: {entry.reason}."
        yield from self._disorder(asked, found)

    def shoppers_who_went_on(self, one: int, other: int) -> int:
        """Count the shoppers who bought the other product in the same session, or next."""
        count = 0
        for who in self.bought[one].keys() & self.bought[other].keys():
            later = np.subtract.outer(self.bought[other][who], self.bought[one][who])
            in_time = (-SESSION.total_seconds() <= later) & (later <= NEXT_WITHIN.total_seconds())
            count += bool(in_time.any())
        return count

    def _unwanted(
        self, asked: Asked, entry: RankedProduct, found: RecommendationList
    ) -> Iterator[str]:
        product = self.products[entry.product_id]
        who = _who(asked.subject)
        bought = {pk for _, _, pk, kind in self.done.get(who, ()) if kind == "purchase"}
        for what, unwanted in {
            "inactive": not product.is_active,
            "out of stock": product.stock == 0,
            "in the cart": product.pk in self.in_cart[who],
            "dismissed": product.pk in self.dismissed[who],
            "bought once and for all": product.pk in bought
            and not product.is_repeatable
            and entry.source is not Source.BOUGHT_BEFORE,
            "what the list is about": product.pk == asked.product_id,
            "at another price": product.price != found.products[product.pk].price,
        }.items():
            if unwanted:
                yield f"Product {product.pk} is {what}."

    def _is_true(self, asked: Asked, entry: RankedProduct, found: RecommendationList) -> bool:
        reason, product = entry.reason, self.products[entry.product_id]
        who, named = _who(asked.subject), reason.product_id or 0
        kinds = {kind for _, _, pk, kind in self.done.get(who, ()) if pk == named}
        if named and found.reason_names[named].name != self.products[named].name:
            return False
        about = {asked.product_id} if asked.product_id else self.in_cart[who]
        told_of_history = {
            ReasonCode.VIEWED: "view" in kinds,
            ReasonCode.LIKED: "like" in kinds,
            ReasonCode.PUT_IN_CART: "cart" in kinds,
            ReasonCode.PURCHASED: "purchase" in kinds,
            ReasonCode.OWN_CATEGORY: not named
            and reason.category == product.category
            and len(
                {
                    pk
                    for _, _, pk, _ in self.done.get(who, ())
                    if pk != product.pk and self.products[pk].category == product.category
                }
            )
            > 1,
            ReasonCode.SEVERAL_PRODUCTS: not named
            and len({pk for _, _, pk, _ in self.done.get(who, ()) if pk != product.pk}) > 2,
            ReasonCode.IN_CART: named in self.in_cart[who],
            ReasonCode.SIMILAR: named == asked.product_id,
            ReasonCode.ALSO_CHOSEN: named == asked.product_id,
            ReasonCode.BOUGHT_TOGETHER: named in about
            and reason.count == self.shoppers_who_went_on(named, product.pk)
            and reason.count >= FEWEST_SHOPPERS,
        }
        told_of_everybody = not named and reason.category in {None, product.category}
        return told_of_history.get(reason.code, told_of_everybody)

    def _disorder(self, asked: Asked, found: RecommendationList) -> Iterator[str]:
        chain = FALLBACK_CHAINS[asked.name]
        most = ceil(asked.count * (0.5 if asked.name in HALF_OF_A_CATEGORY else 1))
        taken: Counter[str] = Counter()
        steps = []
        for entry in found.entries:
            category = self.products[entry.product_id].category
            taken[category] += 1
            steps.append((taken[category] > most, chain.index(entry.source)))
        if steps != sorted(steps):
            yield f"Its sources stand in another order: {steps}."
        confidence = [entry.confidence_score for entry in found.entries]
        if confidence != sorted(confidence, reverse=True):
            yield f"Its confidence rises: {confidence}."
        if asked.name in MAY_BE_EMPTY:
            expected = self._own_past(asked)
            ids = [entry.product_id for entry in found.entries]
            if ids != expected:
                yield f"It is {ids} and not {expected}."

    def _own_past(self, asked: Asked) -> list[int]:
        """Return what the subject viewed, or bought and may buy again, latest first."""
        who = _who(asked.subject)
        done = self.done.get(who, [])
        if asked.name == "buy-again":
            latest = [pk for _, _, pk, kind in reversed(done) if kind == "purchase"]
        else:
            latest = [pk for _, _, pk, _ in reversed(done[-HISTORY_LENGTH:])]
        fresh = [pk for pk in dict.fromkeys(latest) if not self._is_away(asked, pk)]
        return fresh[: asked.count]

    def _is_away(self, asked: Asked, product_id: int) -> bool:
        product, who = self.products[product_id], _who(asked.subject)
        bought = any(pk == product_id for _, _, pk, kind in self.done[who] if kind == "purchase")
        return (
            not product.is_active
            or product.stock == 0
            or product_id in self.in_cart[who]
            or product_id in self.dismissed[who]
            or (bought and not product.is_repeatable)
        )


def _products_of(table: Any) -> dict[Any, set[int]]:
    found: dict[Any, set[int]] = defaultdict(set)
    for user_id, session_id, product_id in table.objects.values_list(
        "user_id", "session_id", "product_id"
    ):
        found[user_id or session_id].add(product_id)
    return found


def _who(subject: Subject | None) -> Any:
    return None if subject is None else subject.user_id or subject.session_id
