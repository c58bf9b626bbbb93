"""The index of interactions by time also has their ids, which pages of the admin need."""

from django.db import migrations, models

from recommendations.migrations._while_open import AddIndexWhileOpen


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("recommendations", "0041_served_list_request")]

    operations = [
        AddIndexWhileOpen(
            model_name="userbehavior",
            index=models.Index(fields=["timestamp", "id"], name="behavior_by_time"),
        ),
        migrations.RemoveIndex(
            model_name="userbehavior", name="user_behavi_timesta_ae058c_idx"
        ),
    ]
