"""The index of a product's interactions also has their time: the latest of a type are read."""

from django.db import migrations, models

from recommendations.migrations._while_open import AddIndexWhileOpen


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("recommendations", "0064_reserved_places")]

    operations = [
        AddIndexWhileOpen(
            model_name="userbehavior",
            index=models.Index(
                fields=["product", "interaction_type", "timestamp"], name="behavior_of_product"
            ),
        ),
        # The new one does what it did.
        migrations.RemoveIndex(
            model_name="userbehavior", name="user_behavi_product_a93e00_idx"
        ),
    ]
