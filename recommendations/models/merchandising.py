"""Merchandising rules: what staff decided about products in lists."""

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.choices import Placement, RuleAction
from recommendations.models.product import Product

ACTION_LABELS = {
    RuleAction.PIN: _("Pin"),
    RuleAction.BOOST: _("Boost"),
    RuleAction.BURY: _("Bury"),
    RuleAction.HIDE: _("Hide"),
    RuleAction.RESERVE: _("Reserve places"),
    RuleAction.REST: _("Let rest"),
}
PLACEMENT_LABELS = {
    Placement.HOME: _("Home page"),
    Placement.PRODUCT: _("Product page"),
    Placement.CART: _("Cart"),
    Placement.SEARCH: _("Search and categories"),
}


SMALLEST_ONE_IN = 4
"""At most one place in four is reserved."""
LARGEST_LOSS_PERCENT = 90


class MerchandisingRule(models.Model):
    """A rule that pins, boosts, buries or hides products in lists.

    These rows are what staff work on. Lists follow the newest `RuleVersion`, which staff publish.
    """

    action = models.CharField(
        _("action"),
        max_length=10,
        choices=[(action.value, label) for action, label in ACTION_LABELS.items()],
        help_text=_(
            "Pin: first in the list. Boost: halves the distance of a score to the best one. "
            "Bury: halves a score. Hide: in no list. Reserve places: for products that few know "
            "yet. Let rest: lowers what a shopper saw and passed over."
        ),
    )
    product = models.ForeignKey(
        Product,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("product"),
        help_text=_("The one product that the rule is about. A pin needs it."),
    )
    condition = models.JSONField(_("conditions"), null=True, blank=True, default=None)
    one_in = models.PositiveSmallIntegerField(
        _("one place in"),
        null=True,
        blank=True,
        validators=[MinValueValidator(SMALLEST_ONE_IN), MaxValueValidator(100)],
        help_text=_("Of lists made for a shopper, one place in so many is reserved: 4 to 100."),
    )
    days = models.PositiveSmallIntegerField(
        _("days"),
        null=True,
        blank=True,
        help_text=_(
            "Reserve places: new is what was first touched within so many days. Let rest: lists of "
            "so many days count."
        ),
    )
    times = models.PositiveSmallIntegerField(
        _("times"),
        null=True,
        blank=True,
        help_text=_(
            "Reserve places: new is also what has fewer interactions. Let rest: seen so many times "
            "without a click, a product loses the most."
        ),
    )
    percent = models.PositiveSmallIntegerField(
        _("largest loss in percent"),
        null=True,
        blank=True,
        help_text=_("Let rest: so much of a score is lost at most, 1 to 90."),
    )
    placement = models.CharField(
        _("placement"),
        max_length=10,
        choices=[(placement.value, label) for placement, label in PLACEMENT_LABELS.items()],
        blank=True,
        help_text=_(
            "Where the rule applies. When empty: everywhere, except that a pin does not apply to "
            "lists beside products and searches."
        ),
    )
    position = models.PositiveSmallIntegerField(
        _("position"), default=0, help_text=_("Order of pinned products, lowest first.")
    )
    starts_at = models.DateTimeField(
        _("starts at"), null=True, blank=True, help_text=_("At once when empty.")
    )
    ends_at = models.DateTimeField(
        _("ends at"), null=True, blank=True, help_text=_("Never when empty.")
    )
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "merchandising_rule"
        ordering = ["position", "id"]
        verbose_name = _("merchandising rule")
        verbose_name_plural = _("merchandising rules")
        permissions = [("publish_rules", "Can publish merchandising rules and go back to old ones")]
        # NULL breaks no comparison, so a number that must be there is asked for by itself.
        constraints = [
            models.CheckConstraint(
                condition=models.Q(product__isnull=False)
                | models.Q(condition__isnull=False)
                | models.Q(action__in=[RuleAction.RESERVE.value, RuleAction.REST.value]),
                name="rule_says_for_what",
                violation_error_message=_("Choose a product, or add a condition."),
            ),
            models.CheckConstraint(
                condition=~models.Q(action=RuleAction.PIN.value) | models.Q(product__isnull=False),
                name="rule_pins_a_product",
                violation_error_message=_("Only a product can be pinned."),
            ),
            models.CheckConstraint(
                condition=~models.Q(action=RuleAction.RESERVE.value)
                | models.Q(
                    product__isnull=True,
                    one_in__isnull=False,
                    one_in__gte=SMALLEST_ONE_IN,
                    days__isnull=False,
                    times__isnull=False,
                    percent__isnull=True,
                ),
                name="rule_reserves_places",
                violation_error_message=_(
                    "To reserve places, fill in one place in (4 or more), days and times, and "
                    "neither a product nor a loss."
                ),
            ),
            models.CheckConstraint(
                condition=~models.Q(action=RuleAction.REST.value)
                | models.Q(
                    product__isnull=True,
                    one_in__isnull=True,
                    days__isnull=False,
                    days__gte=1,
                    times__isnull=False,
                    times__gte=1,
                    percent__isnull=False,
                    percent__range=(1, LARGEST_LOSS_PERCENT),
                ),
                name="rule_lets_rest",
                violation_error_message=_(
                    "To let products rest, fill in days, times and the largest loss (1 to 90), and "
                    "neither a product nor one place in."
                ),
            ),
            models.CheckConstraint(
                condition=models.Q(action__in=[RuleAction.RESERVE.value, RuleAction.REST.value])
                | models.Q(
                    one_in__isnull=True,
                    days__isnull=True,
                    times__isnull=True,
                    percent__isnull=True,
                ),
                name="rule_without_numbers",
                violation_error_message=_(
                    "Numbers are for rules that reserve places or let products rest."
                ),
            ),
            models.CheckConstraint(
                condition=models.Q(starts_at__isnull=True)
                | models.Q(ends_at__isnull=True)
                | models.Q(ends_at__gt=models.F("starts_at")),
                name="rule_ends_after_it_starts",
                violation_error_message=_("A rule ends after it starts."),
            ),
        ]

    def __str__(self) -> str:
        if self.one_in is not None:
            return f"{self.action} one place in {self.one_in}"
        if self.percent is not None:
            return f"{self.action} at most {self.percent} %"
        about = [str(self.product)] if self.product_id is not None else []
        about += [_sum_up(self.condition)] if self.condition else []
        return f"{self.action} {', if '.join(about)}"


def _sum_up(condition: Any) -> str:
    """Return a condition as one line."""
    if not isinstance(condition, dict):
        return "what cannot be read"
    for group, word in (("all", " and "), ("any", " or ")):
        if isinstance(parts := condition.get(group), list):
            return f"({word.join(map(_sum_up, parts))})"
    if "not" in condition:
        return f"not {_sum_up(condition['not'])}"
    value = condition.get("value", "")
    shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"{condition.get('field')} {condition.get('op')} {shown}".strip()


class RuleVersion(models.Model):
    """The rules as they were published at one time; lists follow the newest one.

    `rules` has an object of each rule's columns, by `services.shop.rule_versions`.
    """

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    note = models.CharField(max_length=200, blank=True)
    reverted_to = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    rules = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "rule_version"
        ordering = ["-id"]
        # The permissions of the rules are those of their versions.
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.pk)
