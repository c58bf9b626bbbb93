"""Merchandising rules: what staff decided about products in lists."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from recommendations.choices import Placement, RuleAction, build_choices
from recommendations.models.product import LONGEST_CATEGORY, Product


class MerchandisingRule(models.Model):
    """A rule that pins, boosts, buries or hides a product, category or brand in lists."""

    action = models.CharField(
        max_length=10,
        choices=build_choices(RuleAction),
        help_text=" ".join(
            f"{action.name.capitalize()}: {action.effect}." for action in RuleAction
        ),
    )
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    category = models.CharField(max_length=LONGEST_CATEGORY, blank=True)
    brand = models.CharField(max_length=100, blank=True)
    placement = models.CharField(
        max_length=10,
        choices=build_choices(Placement),
        blank=True,
        help_text="Where the rule applies. When empty: everywhere, except that a pin does not "
        "apply to lists beside products and searches.",
    )
    position = models.PositiveSmallIntegerField(
        default=0, help_text="Order of pinned products, lowest first."
    )
    starts_at = models.DateTimeField(null=True, blank=True, help_text="At once when empty.")
    ends_at = models.DateTimeField(null=True, blank=True, help_text="Never when empty.")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "merchandising_rule"
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(product__isnull=False, category="", brand="")
                | (models.Q(product__isnull=True, brand="") & ~models.Q(category=""))
                | (models.Q(product__isnull=True, category="") & ~models.Q(brand="")),
                name="rule_has_one_target",
                violation_error_message="Choose a product, a category or a brand: exactly one.",
            ),
            models.CheckConstraint(
                condition=~models.Q(action=RuleAction.PIN.value) | models.Q(product__isnull=False),
                name="rule_pins_a_product",
                violation_error_message="Only a product can be pinned.",
            ),
            models.CheckConstraint(
                condition=models.Q(starts_at__isnull=True)
                | models.Q(ends_at__isnull=True)
                | models.Q(ends_at__gt=models.F("starts_at")),
                name="rule_ends_after_it_starts",
                violation_error_message="A rule ends after it starts.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target}"

    @property
    def target(self) -> str:
        """The product, category or brand of the rule, in words."""
        if self.product_id is not None:
            return str(self.product)
        return f"category {self.category}" if self.category else f"brand {self.brand}"

    def clean(self) -> None:
        """Refuse a category or brand that no product has, which is most likely a typing error."""
        for field, lookup in (("category", "category_rows__category__path"), ("brand", "brand")):
            name = getattr(self, field)
            if name and not Product.objects.filter(**{lookup: name}).exists():
                raise ValidationError({field: f"No product has the {field} “{name}”."})
