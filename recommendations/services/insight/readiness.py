"""What each placement still needs before its lists are personal, and what shows until then.

Each threshold is the constant of the code that applies it.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.db.models import Sum
from django.utils import timezone

from recommendations.choices import Placement, Source
from recommendations.errors import ArtifactError
from recommendations.models import DailyFigure, UserBehavior
from recommendations.services.insight.days import DAY, get_day
from recommendations.services.insight.figures import Words
from recommendations.services.insight.measures import Measure
from recommendations.services.looks import building as looks
from recommendations.services.shop.co_purchases import (
    MIN_SHOPPERS,
    find_co_purchases,
    read_recent_demand,
)
from recommendations.services.training import gate, registry

DAYS = 7
"""The share of lists from the model is that of the last days."""
MOST_COUNTED = 1_000
"""A shop with this many interactions and more is not asked how many it has."""
PRODUCTS_TRIED = 3
"""How many of the products in most demand are asked what was bought together with them."""


@dataclass(frozen=True, slots=True)
class Need:
    """Something that lists of a placement need: how much there is, and how much is enough."""

    name: str
    title: Words
    has: int
    needs: int
    until_then: Words
    to_do: Words

    @property
    def is_met(self) -> bool:
        """Whether there is enough."""
        return self.has >= self.needs


@dataclass(frozen=True, slots=True)
class PlacementReadiness:
    """The needs of a placement, and how many of its lists of the last days the model made."""

    placement: Placement
    needs: Sequence[Need]
    lists: int
    model_lists: int

    @property
    def is_ready(self) -> bool:
        """Whether all needs are met."""
        return all(need.is_met for need in self.needs)


def check_placements() -> list[PlacementReadiness]:
    """Return the readiness of every placement."""
    learning, together = _check_learning(), _check_bought_together()
    needs: Mapping[Placement, Sequence[Need]] = {
        Placement.HOME: learning,
        Placement.PRODUCT: [*learning, together, *_check_pictures()],
        Placement.CART: [*learning, together],
        Placement.SEARCH: learning,
    }
    served = _count_lists()
    return [
        PlacementReadiness(
            placement,
            needs[placement],
            lists=sum(served.get(placement, {}).values()),
            model_lists=served.get(placement, {}).get(Source.MODEL, 0),
        )
        for placement in Placement
    ]


def _check_learning() -> list[Need]:
    """Return what a model needs: interactions, a training, and enough shoppers to measure it."""
    rows = UserBehavior.objects.filter(product__is_active=True).order_by()
    interactions = len(rows.values_list("pk")[:MOST_COUNTED])
    live = registry.get_live_version()
    cases = (live.metrics.get("cases") or 0) if live else 0
    return [
        Need(
            "interactions",
            Words("interactions", "Interaktionen"),
            has=interactions,
            needs=1,
            until_then=Words(
                "Lists show the newest products.", "Listen zeigen die neuesten Produkte."
            ),
            to_do=Words(
                "Import the shop's orders and events, or send interactions to the API.",
                "Bestellungen und Ereignisse des Shops importieren oder Interaktionen an die API "
                "senden.",
            ),
        ),
        Need(
            "model",
            Words("live model", "aktives Modell"),
            has=int(live is not None),
            needs=1,
            until_then=Words(
                "Lists show what is trending, popular and new.",
                "Listen zeigen, was im Trend liegt, beliebt und neu ist.",
            ),
            to_do=Words(
                "Train a model: the worker does so on its schedule, “Train now” on the page of "
                "model versions at once.",
                "Ein Modell trainieren: der Worker tut es nach Plan, „Jetzt trainieren“ auf der "
                "Seite der Modellversionen sofort.",
            ),
        ),
        Need(
            "measured_shoppers",
            Words(
                "shoppers whose next products are known",
                "Käufer, deren nächste Produkte bekannt sind",
            ),
            has=cases,
            needs=gate.MIN_CASES,
            until_then=Words(
                "The model is used, and how good it is was not measured.",
                "Das Modell wird benutzt; wie gut es ist, wurde nicht gemessen.",
            ),
            to_do=Words(
                "Import older interactions, or wait for shoppers to come back; each training "
                "counts anew.",
                "Ältere Interaktionen importieren oder warten, bis Käufer wiederkommen; jedes "
                "Training zählt neu.",
            ),
        ),
    ]


def _check_bought_together() -> Need:
    """Return how many shoppers bought a pair of products; the products in most demand are tried."""
    wanted = list(read_recent_demand().wanted)[:PRODUCTS_TRIED]
    pairs = [pair.shoppers for product_id in wanted for pair in find_co_purchases(product_id)]
    return Need(
        "bought_together",
        Words(
            "shoppers who bought the same two products",
            "Käufer, die dieselben zwei Produkte kauften",
        ),
        has=max(pairs, default=0),
        needs=MIN_SHOPPERS,
        until_then=Words(
            "Nothing is shown as bought together.", "Nichts wird als zusammen gekauft gezeigt."
        ),
        to_do=Words(
            "Import older orders, or wait for more.",
            "Ältere Bestellungen importieren oder auf weitere warten.",
        ),
    )


def _check_pictures() -> list[Need]:
    """Return how many photographs have a vector; nothing where the shop compares no pictures."""
    if not looks.is_on():
        return []
    count = None
    with suppress(ArtifactError):
        count = looks.read_count()
    return [
        Need(
            "picture_vectors",
            Words(
                "products with a photograph whose picture is compared",
                "Produkte mit Foto, deren Bild verglichen wird",
            ),
            has=count.photographs - count.waiting if count else 0,
            needs=count.photographs if count else 1,
            until_then=Words(
                "The others are similar by words alone, and nothing looks like them.",
                "Die anderen sind nur nach Wörtern ähnlich, und nichts sieht ihnen ähnlich.",
            ),
            to_do=Words(
                "Wait for the worker, which looks at new pictures every minute, or run "
                "encode_pictures.",
                "Auf den Worker warten, der jede Minute neue Bilder ansieht, oder "
                "encode_pictures ausführen.",
            ),
        )
    ]


def _count_lists() -> dict[str, dict[str, int]]:
    """Return how many lists of each source each placement served in the last days."""
    first = get_day(timezone.now()) - (DAYS - 1) * DAY
    rows = DailyFigure.objects.filter(day__gte=first, measure=Measure.LISTS).order_by()
    served: dict[str, dict[str, int]] = {}
    for placement, source, count in rows.values_list("placement", "source").annotate(
        lists=Sum("value")
    ):
        served.setdefault(placement, {})[source] = int(count)
    return served
