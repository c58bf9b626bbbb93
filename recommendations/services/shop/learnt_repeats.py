"""Whether the products of a category are bought again, learnt from the log where nobody says."""

from collections.abc import Mapping

from recommendations.models import Category, Product
from recommendations.services.shop.categories import is_repeatable
from recommendations.services.shop.repurchases import Repurchase, count_repurchases

MIN_SHARE = 0.25
"""From this share of buyers on who bought again, a category counts as bought again."""
KEEP_SHARE = 0.2
"""It does so down to this share, so that it does not change with every training."""
PATHS_PER_STATEMENT = 1_000


def learn_repeats() -> int:
    """Learn from the log which categories are bought again; return how many products changed.

    What is said of a product, of its category or of a level above counts first. Categories with too
    few buyers follow the level above.
    """
    _store(count_repurchases())
    return _let_products_follow()


def _store(counted: Mapping[int, Repurchase]) -> None:
    changed = []
    for category in Category.objects.only("repeats_learnt").order_by("pk"):
        learnt = _judge(counted.get(category.pk), category.repeats_learnt)
        if learnt is not category.repeats_learnt:
            category.repeats_learnt = learnt
            changed.append(category)
    Category.objects.bulk_update(changed, ["repeats_learnt"], batch_size=500)


def _judge(found: Repurchase | None, before: bool | None) -> bool | None:
    if found is None:
        return None
    return found.share >= (KEEP_SHARE if before else MIN_SHARE)


def _let_products_follow() -> int:
    # Not in one transaction with the categories: whoever writes products locks them first.
    categories = {row.path: row for row in Category.objects.all()}
    changed = 0
    for answer in (True, False):
        paths = [path for path in categories if is_repeatable(path, categories) is answer]
        for first in range(0, len(paths), PATHS_PER_STATEMENT):
            some = paths[first : first + PATHS_PER_STATEMENT]
            changed += (
                Product.objects.filter(category__in=some, is_repeatable_given=None)
                .exclude(is_repeatable=answer)
                .update(is_repeatable=answer)
            )
    return changed
