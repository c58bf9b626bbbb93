"""Rules for a category or brand become rules with a condition that says the same, published."""

from django.db import migrations, models

COLUMNS = ("action", "condition", "placement", "position", "is_active")


def write_conditions(apps, schema_editor):
    rules = apps.get_model("recommendations", "MerchandisingRule").objects
    rows = []
    for rule in rules.order_by("position", "pk"):
        for field in ("category", "brand"):
            if name := getattr(rule, field):
                rule.condition = {"field": field, "op": "in", "value": [name]}
                rule.save(update_fields=["condition"])
        times = {
            name: moment.isoformat() if (moment := getattr(rule, name)) else None
            for name in ("starts_at", "ends_at")
        }
        columns = {name: getattr(rule, name) for name in COLUMNS}
        rows.append({"id": rule.pk, "product": rule.product_id, **columns, **times})
    if rows:
        apps.get_model("recommendations", "RuleVersion").objects.create(rules=rows)


class Migration(migrations.Migration):

    dependencies = [
        ("recommendations", "0034_rules_with_conditions"),
    ]

    operations = [
        migrations.RunPython(write_conditions, migrations.RunPython.noop),
        migrations.RemoveConstraint(
            model_name='merchandisingrule',
            name='rule_has_one_target',
        ),
        migrations.RemoveField(
            model_name='merchandisingrule',
            name='brand',
        ),
        migrations.RemoveField(
            model_name='merchandisingrule',
            name='category',
        ),
        migrations.AddConstraint(
            model_name='merchandisingrule',
            constraint=models.CheckConstraint(condition=models.Q(('product__isnull', False), ('condition__isnull', False), _connector='OR'), name='rule_says_for_what', violation_error_message='Choose a product, or add a condition.'),
        ),
    ]
