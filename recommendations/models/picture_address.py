"""Addresses from which pictures of products are fetched."""

from django.db import models
from django.utils import timezone

from recommendations.choices import PictureState
from recommendations.models.product import Product
from recommendations.models.sentence_field import SentenceField
from recommendations.models.variant import Variant

LONGEST_ADDRESS = 2_000


class PictureAddress(models.Model):
    """A picture of a product, or of one of its variants, that a source named by its address.

    `position` 0 is the picture that lists show. `image` is the name of the fetched picture in the
    media storage; empty until then. It is that of the address before, if the source has changed the
    address, until the new one is fetched. `next_try_at` is when it is fetched next; None if it was
    fetched, or if the shop has given up. `problem` says why the last try failed.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="picture_addresses")
    variant = models.ForeignKey(
        Variant,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="picture_addresses",
    )
    address = models.CharField(max_length=LONGEST_ADDRESS)
    position = models.PositiveSmallIntegerField(default=0)
    image = models.CharField(max_length=200, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, default=timezone.now)
    problem = SentenceField(blank=True)

    class Meta:
        db_table = "picture_address"
        ordering = ["position", "id"]
        verbose_name_plural = "picture addresses"
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=models.Q(next_try_at__isnull=False),
                name="picture_address_due",
            ),
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def state(self) -> PictureState:
        """What became of the address."""
        if self.next_try_at is not None:
            return PictureState.WAITING
        return PictureState.FETCHED if self.image else PictureState.REFUSED
