"""What is counted each day; figures are sums and shares of these measures."""

from enum import StrEnum


class Measure(StrEnum):
    """One number of a day, as `DailyFigure.measure` names it."""

    VIEWS = "views"
    LIKES = "likes"
    CARTS = "carts"
    PURCHASES = "purchases"
    VISITS = "visits"
    VISITS_WITH_VIEW = "visits_with_view"
    VISITS_WITH_CART = "visits_with_cart"
    VISITS_WITH_PURCHASE = "visits_with_purchase"
    ORDERS = "orders"
    REVENUE = "revenue"

    # After a click in a list, on the day of the order.
    DIRECT_ORDERS = "direct_orders"
    ASSISTED_ORDERS = "assisted_orders"
    DIRECT_REVENUE = "direct_revenue"
    ASSISTED_REVENUE = "assisted_revenue"

    # Of lists, on the day on which they were served.
    LISTS = "lists"
    LISTED = "listed"
    IMPRESSIONS = "impressions"
    CLICKS = "clicks"
    CLICKED_IMPRESSIONS = "clicked_impressions"
    EXPLORED_LISTED = "explored_listed"
    EXPLORED_IMPRESSIONS = "explored_impressions"
    EXPLORED_CLICKS = "explored_clicks"
    CLICKED_CARTS = "clicked_carts"
    CLICKED_PURCHASES = "clicked_purchases"


OF_THE_LOG = frozenset(
    {
        *(Measure.VIEWS, Measure.LIKES, Measure.CARTS, Measure.PURCHASES),
        *(Measure.VISITS, Measure.VISITS_WITH_VIEW),
        *(Measure.VISITS_WITH_CART, Measure.VISITS_WITH_PURCHASE),
        *(Measure.ORDERS, Measure.REVENUE),
    }
)
"""Measures of interactions and orders, which stay in the database."""

OF_SERVED_LISTS = frozenset(
    {
        *(Measure.LISTS, Measure.LISTED, Measure.IMPRESSIONS),
        *(Measure.EXPLORED_LISTED, Measure.EXPLORED_IMPRESSIONS),
    }
)
"""Measures of the log of served lists alone."""

OF_CLICKS = frozenset(set(Measure) - OF_THE_LOG - OF_SERVED_LISTS)
"""Measures that need interactions, orders and the lists that they came from."""
