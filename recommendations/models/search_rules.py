"""Rules of search: what staff decided about queries and words."""

import uuid

from django.db import models

from recommendations.models.product import Product

LONGEST_QUERY = 200
LONGEST_PHRASE = 100


class SearchRule(models.Model):
    """What all rules of search have."""

    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


class SearchSynonym(SearchRule):
    """A phrase that also finds what another phrase finds, such as `tv` and `television set`."""

    phrase = models.CharField(
        max_length=LONGEST_PHRASE, help_text="What shoppers type: one word or several."
    )
    means = models.CharField(
        max_length=LONGEST_PHRASE, help_text="What is searched as well: one word or several."
    )
    is_two_way = models.BooleanField(
        "both ways",
        default=True,
        help_text="Whether the second phrase also finds what the first one finds.",
    )

    class Meta:
        db_table = "search_synonym"
        ordering = ["phrase", "means", "id"]

    def __str__(self) -> str:
        return f"{self.phrase} {'↔' if self.is_two_way else '→'} {self.means}"


class SearchRedirect(SearchRule):
    """A query that leads to a page of the shop instead of to results."""

    query = models.CharField(max_length=LONGEST_QUERY)
    path = models.CharField(
        "page",
        max_length=500,
        help_text="The address of a page of this shop, as the browser shows it, such as "
        "/category/clothing.",
    )

    class Meta:
        db_table = "search_redirect"
        ordering = ["query", "id"]

    def __str__(self) -> str:
        return f"{self.query} → {self.path}"


class PinnedSearch(SearchRule):
    """A query whose results begin with products that staff chose."""

    query = models.CharField(max_length=LONGEST_QUERY)

    class Meta:
        db_table = "pinned_search"
        ordering = ["query", "id"]
        verbose_name = "pins of a search"
        verbose_name_plural = "pins of searches"

    def __str__(self) -> str:
        return self.query


class PinnedProduct(models.Model):
    """A product at the top of a pinned search."""

    search = models.ForeignKey(PinnedSearch, on_delete=models.CASCADE, related_name="pins")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField(default=0, help_text="Lowest first.")

    class Meta:
        db_table = "pinned_product"
        ordering = ["position", "id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["search", "product"],
                name="product_pinned_once_per_search",
                violation_error_message="This product is pinned twice.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.product} for {self.search}"


class IgnoredWord(SearchRule):
    """A word of queries that says nothing about products, such as `buy`."""

    word = models.CharField(max_length=LONGEST_PHRASE)

    class Meta:
        db_table = "ignored_word"
        ordering = ["word", "id"]
        verbose_name = "ignored word"

    def __str__(self) -> str:
        return self.word


class SearchRulesVersion(models.Model):
    """One row, whose version changes whenever a rule of search does."""

    version = models.UUIDField(default=uuid.uuid4)

    class Meta:
        db_table = "search_rules_version"
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.version)
