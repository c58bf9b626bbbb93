"""The index of served lists by time also has their ids, which pages of the admin need."""

import django.utils.timezone
from django.db import migrations, models

from recommendations.migrations._while_open import AddIndexWhileOpen


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("recommendations", "0042_what_if")]

    operations = [
        migrations.AlterModelOptions(
            name="servedlist", options={"ordering": ["-created_at", "-id"]}
        ),
        AddIndexWhileOpen(
            model_name="servedlist",
            index=models.Index(fields=["created_at", "id"], name="served_list_by_time"),
        ),
        # Its own index: the new one does what it did.
        migrations.AlterField(
            model_name="servedlist",
            name="created_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
    ]
