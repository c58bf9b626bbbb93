"""The figures that staff see: what each is called, means and is computed from.

The admin, the API, the command, the CSV files and docs/insight.md take everything from here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from recommendations.services.insight.measures import Measure


class Words(NamedTuple):
    """A text in the languages of the shop."""

    en: str
    de: str


class Unit(StrEnum):
    """What a figure is counted in."""

    COUNT = "count"
    MONEY = "money"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: the sum of `counted` over the days of a window, or its share of `among`.

    `is_proportion` says that each thing counted is one of those among which it is counted, so the
    share has a 95 % Wilson interval. `is_of_lists` says that the figure is also told for each
    placement, list and source; `is_of_shop`, that it is told for the whole shop.
    """

    name: str
    unit: Unit
    title: Words
    sentence: Words
    counted: tuple[Measure, ...]
    among: tuple[Measure, ...] = ()
    is_proportion: bool = False
    is_of_lists: bool = False
    is_of_shop: bool = True


FIGURES = (
    Figure(
        "views",
        Unit.COUNT,
        Words("Views", "Ansichten"),
        Words(
            "How often shoppers and visitors looked at a product.",
            "Wie oft Käufer und Besucher ein Produkt angesehen haben.",
        ),
        (Measure.VIEWS,),
    ),
    Figure(
        "likes",
        Unit.COUNT,
        Words("Likes", "Gefällt mir"),
        Words(
            "How often shoppers and visitors liked a product.",
            "Wie oft Käufern und Besuchern ein Produkt gefiel.",
        ),
        (Measure.LIKES,),
    ),
    Figure(
        "carts",
        Unit.COUNT,
        Words("Carts", "Warenkorb"),
        Words(
            "How often a product was put into a cart.",
            "Wie oft ein Produkt in einen Warenkorb gelegt wurde.",
        ),
        (Measure.CARTS,),
    ),
    Figure(
        "purchases",
        Unit.COUNT,
        Words("Purchases", "Käufe"),
        Words(
            "How often a product was bought: in orders of this shop, and as other systems report "
            "it.",
            "Wie oft ein Produkt gekauft wurde: in Bestellungen dieses Shops und so, wie andere "
            "Systeme es melden.",
        ),
        (Measure.PURCHASES,),
    ),
    Figure(
        "visits",
        Unit.COUNT,
        Words("Visits", "Besuche"),
        Words(
            "Shoppers and visitors with an interaction, each counted once a day.",
            "Käufer und Besucher mit einer Interaktion, jeder einmal am Tag gezählt.",
        ),
        (Measure.VISITS,),
    ),
    Figure(
        "viewing_visits",
        Unit.SHARE,
        Words("Visits with a view", "Besuche mit Ansicht"),
        Words(
            "Share of the visits in which a product was looked at.",
            "Anteil der Besuche, in denen ein Produkt angesehen wurde.",
        ),
        (Measure.VISITS_WITH_VIEW,),
        (Measure.VISITS,),
        is_proportion=True,
    ),
    Figure(
        "carting_visits",
        Unit.SHARE,
        Words("Visits with a cart", "Besuche mit Warenkorb"),
        Words(
            "Share of the visits in which a product was put into the cart.",
            "Anteil der Besuche, in denen ein Produkt in den Warenkorb gelegt wurde.",
        ),
        (Measure.VISITS_WITH_CART,),
        (Measure.VISITS,),
        is_proportion=True,
    ),
    Figure(
        "buying_visits",
        Unit.SHARE,
        Words("Visits with a purchase", "Besuche mit Kauf"),
        Words(
            "Share of the visits in which a product was bought.",
            "Anteil der Besuche, in denen ein Produkt gekauft wurde.",
        ),
        (Measure.VISITS_WITH_PURCHASE,),
        (Measure.VISITS,),
        is_proportion=True,
    ),
    Figure(
        "orders",
        Unit.COUNT,
        Words("Orders", "Bestellungen"),
        Words(
            "Orders placed in this shop and neither cancelled nor returned. Purchases that other "
            "systems report have no order here.",
            "In diesem Shop aufgegebene Bestellungen, weder storniert noch zurückgegeben. Käufe, "
            "die andere Systeme melden, haben hier keine Bestellung.",
        ),
        (Measure.ORDERS,),
    ),
    Figure(
        "revenue",
        Unit.MONEY,
        Words("Revenue", "Umsatz"),
        Words(
            "Price times quantity of all lines of the orders, in the shop's currency.",
            "Preis mal Menge aller Zeilen der Bestellungen, in der Währung des Shops.",
        ),
        (Measure.REVENUE,),
    ),
    Figure(
        "order_value",
        Unit.MONEY,
        Words("Average order", "Bestellwert"),
        Words("Revenue divided by orders.", "Umsatz geteilt durch Bestellungen."),
        (Measure.REVENUE,),
        (Measure.ORDERS,),
    ),
    Figure(
        "direct_orders",
        Unit.COUNT,
        Words("Direct orders", "Direkte Bestellungen"),
        Words(
            "Orders with a product that the buyer had clicked in a list within the attribution "
            "window.",
            "Bestellungen mit einem Produkt, das der Käufer innerhalb des Zuordnungsfensters in "
            "einer Liste angeklickt hatte.",
        ),
        (Measure.DIRECT_ORDERS,),
    ),
    Figure(
        "assisted_orders",
        Unit.COUNT,
        Words("Assisted orders", "Begleitete Bestellungen"),
        Words(
            "Orders whose buyer had clicked only other products in lists within the attribution "
            "window.",
            "Bestellungen, deren Käufer innerhalb des Zuordnungsfensters in Listen nur andere "
            "Produkte angeklickt hatte.",
        ),
        (Measure.ASSISTED_ORDERS,),
    ),
    Figure(
        "direct_revenue",
        Unit.MONEY,
        Words("Direct revenue", "Direkter Umsatz"),
        Words(
            "Revenue of products that the buyer had clicked in a list within the attribution "
            "window. The list of the last click takes it, on the day of the order.",
            "Umsatz mit Produkten, die der Käufer innerhalb des Zuordnungsfensters in einer Liste "
            "angeklickt hatte. Er zählt für die Liste des letzten Klicks, am Tag der Bestellung.",
        ),
        (Measure.DIRECT_REVENUE,),
        is_of_lists=True,
    ),
    Figure(
        "assisted_revenue",
        Unit.MONEY,
        Words("Assisted revenue", "Begleiteter Umsatz"),
        Words(
            "Revenue of products that the buyer had not clicked, after a click on another product "
            "in a list within the attribution window. The list of the last click takes it.",
            "Umsatz mit Produkten, die der Käufer nicht angeklickt hatte, nach einem Klick auf ein "
            "anderes Produkt einer Liste innerhalb des Zuordnungsfensters. Er zählt für die Liste "
            "des letzten Klicks.",
        ),
        (Measure.ASSISTED_REVENUE,),
        is_of_lists=True,
    ),
    Figure(
        "followed_share",
        Unit.SHARE,
        Words("Revenue after a recommendation", "Umsatz nach einer Empfehlung"),
        Words(
            "Direct and assisted revenue as a share of all revenue.",
            "Direkter und begleiteter Umsatz als Anteil des gesamten Umsatzes.",
        ),
        (Measure.DIRECT_REVENUE, Measure.ASSISTED_REVENUE),
        (Measure.REVENUE,),
    ),
    Figure(
        "lists",
        Unit.COUNT,
        Words("Lists", "Listen"),
        Words(
            "Lists of recommendations that were served.",
            "Listen mit Empfehlungen, die ausgeliefert wurden.",
        ),
        (Measure.LISTS,),
        is_of_lists=True,
    ),
    Figure(
        "list_share",
        Unit.SHARE,
        Words("Share of lists", "Anteil der Listen"),
        Words(
            "Share of all lists that were served.",
            "Anteil an allen ausgelieferten Listen.",
        ),
        (Measure.LISTS,),
        (Measure.LISTS,),
        is_of_lists=True,
        is_of_shop=False,
    ),
    Figure(
        "listed",
        Unit.COUNT,
        Words("Products listed", "Gelistete Produkte"),
        Words(
            "Products in the lists, counted in each list.",
            "Produkte in den Listen, in jeder Liste gezählt.",
        ),
        (Measure.LISTED,),
        is_of_lists=True,
    ),
    Figure(
        "impressions",
        Unit.COUNT,
        Words("Impressions", "Sichtkontakte"),
        Words(
            "Products of lists that came into view, as storefronts report it, once in each list.",
            "Produkte von Listen, die ins Blickfeld kamen, wie Shop-Oberflächen es melden, einmal "
            "je Liste.",
        ),
        (Measure.IMPRESSIONS,),
        is_of_lists=True,
    ),
    Figure(
        "clicks",
        Unit.COUNT,
        Words("Clicks", "Klicks"),
        Words(
            "Products of lists with an interaction that names the list, once in each list, on the "
            "day of the list.",
            "Produkte von Listen mit einer Interaktion, die die Liste nennt, einmal je Liste, am "
            "Tag der Liste.",
        ),
        (Measure.CLICKS,),
        is_of_lists=True,
    ),
    Figure(
        "click_through",
        Unit.SHARE,
        Words("Click-through rate", "Klickrate"),
        Words(
            "Share of the impressions that were clicked.",
            "Anteil der Sichtkontakte, die angeklickt wurden.",
        ),
        (Measure.CLICKED_IMPRESSIONS,),
        (Measure.IMPRESSIONS,),
        is_proportion=True,
        is_of_lists=True,
    ),
    Figure(
        "explored_share",
        Unit.SHARE,
        Words("Reserved places", "Reservierte Plätze"),
        Words(
            "Share of the products listed that stood in a place reserved for what few know yet.",
            "Anteil der gelisteten Produkte, die auf einem Platz standen, der für wenig bekannte "
            "Produkte reserviert ist.",
        ),
        (Measure.EXPLORED_LISTED,),
        (Measure.LISTED,),
        is_proportion=True,
        is_of_lists=True,
    ),
    Figure(
        "explored_impressions",
        Unit.COUNT,
        Words("Impressions of reserved places", "Sichtkontakte reservierter Plätze"),
        Words(
            "Products in reserved places that came into view, once in each list.",
            "Produkte auf reservierten Plätzen, die ins Blickfeld kamen, einmal je Liste.",
        ),
        (Measure.EXPLORED_IMPRESSIONS,),
        is_of_lists=True,
    ),
    Figure(
        "explored_click_through",
        Unit.SHARE,
        Words("Click-through rate of reserved places", "Klickrate reservierter Plätze"),
        Words(
            "Share of the impressions of reserved places that were clicked.",
            "Anteil der Sichtkontakte reservierter Plätze, die angeklickt wurden.",
        ),
        (Measure.EXPLORED_CLICKS,),
        (Measure.EXPLORED_IMPRESSIONS,),
        is_proportion=True,
        is_of_lists=True,
    ),
    Figure(
        "clicked_carts",
        Unit.COUNT,
        Words("Carts after a click", "Warenkorb nach Klick"),
        Words(
            "Clicks whose product the same shopper put into the cart within the attribution "
            "window; the last click counts, on the day of its list.",
            "Klicks, deren Produkt derselbe Käufer innerhalb des Zuordnungsfensters in den "
            "Warenkorb legte; der letzte Klick zählt, am Tag seiner Liste.",
        ),
        (Measure.CLICKED_CARTS,),
        is_of_lists=True,
    ),
    Figure(
        "clicked_purchases",
        Unit.COUNT,
        Words("Purchases after a click", "Käufe nach Klick"),
        Words(
            "Clicks whose product the same shopper bought within the attribution window; the last "
            "click counts, on the day of its list.",
            "Klicks, deren Produkt derselbe Käufer innerhalb des Zuordnungsfensters kaufte; der "
            "letzte Klick zählt, am Tag seiner Liste.",
        ),
        (Measure.CLICKED_PURCHASES,),
        is_of_lists=True,
    ),
    Figure(
        "conversion",
        Unit.SHARE,
        Words("Conversion", "Konversion"),
        Words(
            "Share of the clicks whose product was bought. Until the attribution window is over, "
            "it can still rise.",
            "Anteil der Klicks, deren Produkt gekauft wurde. Bis das Zuordnungsfenster vorbei ist, "
            "kann er noch steigen.",
        ),
        (Measure.CLICKED_PURCHASES,),
        (Measure.CLICKS,),
        is_proportion=True,
        is_of_lists=True,
    ),
    Figure(
        "coverage",
        Unit.SHARE,
        Words("Coverage", "Abdeckung"),
        Words(
            "Share of the products now on sale that were in at least one list.",
            "Anteil der jetzt angebotenen Produkte, die in mindestens einer Liste standen.",
        ),
        (),
    ),
)

BY_NAME = {figure.name: figure for figure in FIGURES}
DAILY = ("views", "likes", "carts", "purchases", "visits", "orders", "revenue",
         "direct_revenue", "assisted_revenue", "lists", "impressions", "clicks")  # fmt: skip
"""Names of the figures that are told for each day."""


def pick(names: Iterable[str]) -> tuple[Figure, ...]:
    """Return the figures with these names."""
    return tuple(BY_NAME[name] for name in names)
