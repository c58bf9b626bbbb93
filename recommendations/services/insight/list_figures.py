"""The figures of what lists lead to: clicks, carts, orders, and how much of the shop they show."""

from recommendations.services.insight.figures import Figure, Unit, Words
from recommendations.services.insight.measures import Measure

LIST_FIGURES = (
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
