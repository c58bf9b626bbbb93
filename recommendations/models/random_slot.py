"""The slots that are filled at random, as staff set them."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from recommendations.choices import Placement
from recommendations.models.experiment import draw_salt
from recommendations.models.merchandising import PLACEMENT_LABELS

LAST_PLACE = 20
MOST_CANDIDATES = 20


class RandomSlot(models.Model):
    """One slot of a placement's main list, filled at random among the products from there on.

    A placement without a row, or with one that is off, is served as it is ranked.
    """

    placement = models.CharField(
        _("placement"),
        max_length=20,
        unique=True,
        choices=[(placement.value, label) for placement, label in PLACEMENT_LABELS.items()],
        default=Placement.HOME.value,
        help_text=_(
            "Its main list: for you on the home page and beside searches, similar products on a "
            "product page, what goes with the cart."
        ),
    )
    is_active = models.BooleanField(
        _("switched on"),
        default=False,
        help_text=_("Shoppers see the change within ten seconds."),
    )
    place = models.PositiveSmallIntegerField(
        _("place"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(LAST_PLACE)],
        help_text=_("Which place of the list is drawn: 1 is the first."),
    )
    n_candidates = models.PositiveSmallIntegerField(
        _("candidates"),
        default=5,
        validators=[MinValueValidator(2), MaxValueValidator(MOST_CANDIDATES)],
        help_text=_(
            "Among how many products it is drawn: the one that ranks there and those that follow. "
            "More cost more clicks, and tell policies apart that differ more."
        ),
    )
    salt = models.CharField(max_length=32, default=draw_salt, editable=False)

    class Meta:
        db_table = "random_slot"
        verbose_name = _("random slot")
        verbose_name_plural = _("random slots")
        ordering = ["placement"]

    def __str__(self) -> str:
        return f"{self.get_placement_display()}, {self.place}"
