"""What the worker adds up for staff, day by day, and what it needs to know which days changed.

A day is one of the shop's time zone. No row is about a person.
"""

from django.db import models

from recommendations.currencies import MOST_DECIMALS


class DailyFigure(models.Model):
    """What was counted on a day: one measure, of the whole shop or of one kind of list.

    `value` is a count, or an amount in the shop's currency. `placement`, `list_name` and `source`
    are empty where the measure is about the whole shop.
    """

    day = models.DateField()
    measure = models.CharField(max_length=30)
    placement = models.CharField(max_length=20, blank=True)
    list_name = models.CharField(max_length=30, blank=True)
    source = models.CharField(max_length=20, blank=True)
    value = models.DecimalField(max_digits=21, decimal_places=MOST_DECIMALS)

    class Meta:
        db_table = "daily_figure"
        default_permissions = ()
        permissions = [("view_insight", "Can see what the shop earns")]
        ordering = ["-day", "measure", "placement", "list_name", "source"]
        constraints = [
            models.UniqueConstraint(
                fields=["day", "measure", "placement", "list_name", "source"],
                name="daily_figure_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure} on {self.day}"


class ShownProducts(models.Model):
    """Which products were in a list that was served on a day: bit n of `bits` is product n.

    The bits are little-endian: product 0 is the lowest bit of the first byte.
    """

    day = models.DateField(primary_key=True)
    bits = models.BinaryField()

    class Meta:
        db_table = "shown_products"
        default_permissions = ()

    def __str__(self) -> str:
        return f"products shown on {self.day}"


class DailyProductCounts(models.Model):
    """What was counted of each product on a day: one measure of all products.

    `counts` are numbers of four bytes, little-endian; that of product n begins at byte 4 n. A
    product beyond the end has none.
    """

    day = models.DateField()
    measure = models.CharField(max_length=10)
    counts = models.BinaryField()

    class Meta:
        db_table = "daily_product_counts"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["day", "measure"], name="daily_product_counts_once"),
        ]

    def __str__(self) -> str:
        return f"{self.measure} of products on {self.day}"


class InsightMark(models.Model):
    """How far the logs were read when figures were counted at this time.

    `settings` names what the figures depend on beside the logs.
    """

    at = models.DateTimeField()
    interaction_id = models.BigIntegerField()
    order_id = models.BigIntegerField()
    settings = models.CharField(max_length=100)

    class Meta:
        db_table = "insight_mark"
        default_permissions = ()
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"figures as of {self.at}"


class TouchedDay(models.Model):
    """A day whose older rows were changed in place, so that no mark shows it.

    Rows are appended and deleted, never changed: nobody who signs in waits for the worker.
    """

    day = models.DateField()

    class Meta:
        db_table = "touched_day"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.day}"
