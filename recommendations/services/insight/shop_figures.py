"""The figures of what shoppers do: how often they look, like and buy, and for how much."""

from recommendations.services.insight.figures import Figure, Unit, Words
from recommendations.services.insight.measures import Measure

SHOP_FIGURES = (
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
)
