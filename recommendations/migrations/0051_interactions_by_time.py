"""The index of interactions by time also has their ids, which pages of the admin need."""

from typing import Any

from django.db import migrations, models


class AddIndexWhileOpen(migrations.AddIndex):
    """Adds an index; on PostgreSQL, the table can be written meanwhile."""

    def database_forwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        """Add the index."""
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, *states)
            return
        table = states[1].apps.get_model(app_label, self.model_name)
        # One that an interrupted migration left behind is not valid.
        schema_editor.execute(f'DROP INDEX IF EXISTS "{self.index.name}"')
        schema_editor.add_index(table, self.index, concurrently=True)


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
