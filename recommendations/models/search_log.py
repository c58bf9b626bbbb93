"""What was searched, without whom: the basis of the figures of queries.

No column leads to a person. `id` goes out with the results and comes back as the `list_id` of the
interactions that follow.
"""

import uuid

from django.db import models

from recommendations.models.product import Product
from recommendations.models.search_rules import LONGEST_QUERY


class LoggedSearch(models.Model):
    """One search: its folded query, and what it found.

    `is_first` is False for a further page and for results that were narrowed down or sorted anew:
    clicks in them count, they themselves do not. `searched_at` is cut to the hour.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    query = models.CharField(max_length=LONGEST_QUERY)
    found = models.PositiveIntegerField()
    is_corrected = models.BooleanField()
    answered_by = models.CharField(max_length=10)
    is_redirected = models.BooleanField()
    is_first = models.BooleanField()
    searched_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "search_log"
        default_permissions = ()

    def __str__(self) -> str:
        return self.query


class QueryDay(models.Model):
    """How a query did on a day of the shop's time zone.

    What is redirected counts as neither without result nor without click. `clicks` and `purchases`
    count pairs of a subject and a product; a purchase follows a click.
    """

    day = models.DateField()
    query = models.CharField(max_length=LONGEST_QUERY)
    searches = models.PositiveIntegerField()
    without_result = models.PositiveIntegerField()
    corrected = models.PositiveIntegerField()
    redirected = models.PositiveIntegerField()
    with_click = models.PositiveIntegerField()
    clicks = models.PositiveIntegerField()
    purchases = models.PositiveIntegerField()

    class Meta:
        db_table = "query_day"
        default_permissions = ("view",)
        verbose_name = "searched query"
        verbose_name_plural = "searched queries"
        constraints = [models.UniqueConstraint(fields=["day", "query"], name="query_once_a_day")]

    def __str__(self) -> str:
        return f"{self.query} on {self.day}"


class LearnedMatch(models.Model):
    """What shoppers chose after a query: a product's share of the choices, in (0, 1).

    Several subjects chose the product, so the row leads to none of them.
    """

    query = models.CharField(max_length=LONGEST_QUERY)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    strength = models.FloatField()

    class Meta:
        db_table = "learned_match"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["query", "product"], name="learned_match_once")
        ]

    def __str__(self) -> str:
        return f"{self.query}: {self.product_id}"
