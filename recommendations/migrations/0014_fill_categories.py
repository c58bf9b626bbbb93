"""Make the categories of the paths that products have, and the ids of imported shoppers."""

from typing import Any

from django.db import migrations

SEPARATOR = " > "
BATCH = 2_000


def fill_categories(apps: Any, schema_editor: Any) -> None:
    database = schema_editor.connection.alias
    Product = apps.get_model("recommendations", "Product")
    Category = apps.get_model("recommendations", "Category")
    ProductCategory = apps.get_model("recommendations", "ProductCategory")
    categories: dict[str, Any] = {}

    def find_category(path: str) -> Any:
        if path not in categories:
            above, separator, name = path.rpartition(SEPARATOR)
            parent = find_category(above) if separator else None
            categories[path] = Category.objects.using(database).create(
                path=path, name=name, parent=parent
            )
        return categories[path]

    rows: list[Any] = []
    products = Product.objects.using(database).exclude(category="").order_by("pk")
    for product_id, path in products.values_list("pk", "category").iterator(chunk_size=BATCH):
        category, is_given = find_category(path), True
        while category is not None:
            rows.append(
                ProductCategory(product_id=product_id, category=category, is_given=is_given)
            )
            category, is_given = category.parent, False
        if len(rows) >= BATCH:
            ProductCategory.objects.using(database).bulk_create(rows)
            rows.clear()
    ProductCategory.objects.using(database).bulk_create(rows)
    Product.objects.using(database).filter(is_repeatable=True).update(is_repeatable_given=True)


def fill_shopper_ids(apps: Any, schema_editor: Any) -> None:
    """Imported accounts are named `source-id` and have no password that anybody could know."""
    database = schema_editor.connection.alias
    Product = apps.get_model("recommendations", "Product")
    ShopperId = apps.get_model("recommendations", "ShopperId")
    User = apps.get_model("auth", "User")
    sources = set(
        Product.objects.using(database)
        .exclude(source="")
        .order_by()
        .values_list("source", flat=True)
        .distinct()
    )
    named: set[int] = set()
    # "a-b" before "a": the account "a-b-7" belongs to the longer one.
    for source in sorted(sources, key=len, reverse=True):
        users = User.objects.using(database).filter(
            username__startswith=f"{source}-", password__startswith="!"
        )
        rows: list[Any] = []
        for user_id, username in users.values_list("pk", "username").iterator(chunk_size=BATCH):
            external_id = username.removeprefix(f"{source}-")
            # SQLite compares a beginning without regard to case.
            if user_id in named or external_id == username or not 0 < len(external_id) <= 128:
                continue
            named.add(user_id)
            rows.append(ShopperId(source=source, external_id=external_id, user_id=user_id))
        ShopperId.objects.using(database).bulk_create(rows, batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [("recommendations", "0013_catalogues_as_they_are"), ("auth", "0001_initial")]

    operations = [
        migrations.RunPython(fill_categories, migrations.RunPython.noop),
        migrations.RunPython(fill_shopper_ids, migrations.RunPython.noop),
    ]
