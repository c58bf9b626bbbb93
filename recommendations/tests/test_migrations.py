"""Migrations that the release before survives: its processes still run while they are applied."""

import re

import pytest
from django.db import connection, migrations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import NOT_PROVIDED, Index

from recommendations.migrations._while_open import AddIndexWhileOpen

APP = "recommendations"
LAST_OF_THE_RELEASE_BEFORE = "0039_category_pages"
TAKES_AWAY = (
    migrations.DeleteModel,
    migrations.RenameModel,
    migrations.AlterModelTable,
    migrations.RemoveField,
    migrations.RenameField,
)
TAKES_AWAY_BY_SQL = re.compile(r"\b(DROP|RENAME)\s+(COLUMN|TABLE|TO)\b", re.IGNORECASE)


def find_harm(operation: Operation, before: ProjectState, after: ProjectState) -> str | None:
    """Return what the release before would stumble on, None if nothing."""
    sql = f"{operation.sql}" if isinstance(operation, migrations.RunSQL) else ""
    if isinstance(operation, TAKES_AWAY) or TAKES_AWAY_BY_SQL.search(sql):
        return "takes away what the release before reads: do it in the release after next"
    if isinstance(operation, migrations.AddIndex) and not isinstance(operation, AddIndexWhileOpen):
        return "lets nobody write to the table meanwhile: use `AddIndexWhileOpen`"
    if isinstance(operation, migrations.AddField):
        field = operation.field
        if not field.many_to_many and not field.null and field.db_default is NOT_PROVIDED:
            return "adds a column that the release before does not fill: give it a `db_default`"
    if isinstance(operation, migrations.AlterField):
        was, is_now = (
            state.apps.get_model(APP, operation.model_name)._meta.get_field(operation.name)
            for state in (before, after)
        )
        types = was.db_type(connection), is_now.db_type(connection)
        # What fits into a short text fits into a long one.
        is_wider = f"{types[0]}".startswith("varchar") and types[1] == "text"
        if was.column != is_now.column or (types[0] != types[1] and not is_wider):
            return "changes a column that the release before writes"
        if was.null and not is_now.null:
            return "forbids the empty values that the release before writes"
    return None


def list_harms(names: list[str]) -> list[str]:
    """Return what is wrong with these migrations, which follow each other."""
    loader = MigrationLoader(None)
    state = loader.project_state((APP, names[0]), at_end=False)
    made: set[str] = set()
    harms = []
    for name in names:
        for operation in loader.get_migration(APP, name).operations:
            after = state.clone()
            operation.state_forwards(APP, after)
            if isinstance(operation, migrations.CreateModel):
                made.add(operation.name.lower())
            # The release before knows nothing of a table that these migrations make.
            is_of_new_table = getattr(operation, "model_name", "") in made
            if not is_of_new_table and (harm := find_harm(operation, state, after)):
                harms.append(f"{name}: {operation.describe()}: {harm}")
            state = after
    return harms


def list_names() -> list[str]:
    """Return the names of all migrations, in their order."""
    graph = MigrationLoader(None).graph
    return [name for app, name in graph.forwards_plan(graph.leaf_nodes(APP)[0]) if app == APP]


def test_the_release_before_works_while_and_after_the_database_is_migrated() -> None:
    names = list_names()
    newer = names[names.index(LAST_OF_THE_RELEASE_BEFORE) + 1 :]

    assert newer
    assert list_harms(newer) == []


def test_a_migration_that_takes_columns_away_is_found() -> None:
    harms = list_harms(["0011_checkout"])

    assert harms[0] == (
        "0011_checkout: Remove field total from order: takes away what the release before reads: "
        "do it in the release after next"
    )
    assert any("Add field city to order: adds a column" in harm for harm in harms)


def test_a_new_table_and_columns_that_may_be_empty_harm_nobody() -> None:
    assert list_harms(["0024_feeds"]) == []


@pytest.mark.parametrize(
    ("operation", "harm"),
    [
        (migrations.RunSQL("ALTER TABLE product DROP COLUMN sku"), "takes"),
        (migrations.RunSQL("alter table product rename to goods"), "takes"),
        (migrations.RunSQL("UPDATE product SET sku = ''"), None),
        (migrations.AddIndex("product", Index(fields=["sku"], name="by_sku")), "lets"),
        (AddIndexWhileOpen("product", Index(fields=["sku"], name="by_sku")), None),
    ],
    ids=["drop", "rename", "update", "index", "index while open"],
)
def test_what_stops_the_release_before_is_found_in_sql_and_indexes_too(
    operation: Operation, harm: str | None
) -> None:
    found = find_harm(operation, ProjectState(), ProjectState())

    assert (found and found.split(" ")[0]) == harm
