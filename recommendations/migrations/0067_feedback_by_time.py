"""Indexes of likes and dismissals by time, which pages of the admin need."""

from django.db import migrations, models

from recommendations.migrations._while_open import AddIndexWhileOpen


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("recommendations", "0061_random_slots")]

    operations = [
        AddIndexWhileOpen(
            model_name="like",
            index=models.Index(fields=["created_at", "id"], name="like_by_time"),
        ),
        AddIndexWhileOpen(
            model_name="dismissal",
            index=models.Index(fields=["created_at", "id"], name="dismissal_by_time"),
        ),
    ]
