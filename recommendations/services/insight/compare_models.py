"""What another model version changes: the lists of sample shoppers, made with each of two."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from recommendations.choices import Placement
from recommendations.services.lists.context import ListContext
from recommendations.services.lists.history import read_history, to_model_history
from recommendations.services.lists.personal import build_personal_list
from recommendations.services.people.subjects import Subject, find_recently_active
from recommendations.services.shop.product_rows import ProductCard
from recommendations.services.training.live_model import Snapshot

N_SHOPPERS = 10
ACTIVE_WITHIN = (timedelta(days=30), timedelta(days=365))
"""Sample shoppers were active in the first of these windows in which there are any."""
COUNT = 10
READ_AHEAD = 60
"""So many products of each ranking are read at once, for all lists."""


@dataclass(frozen=True, slots=True)
class ShopperLists:
    """The lists "for you" of one sample shopper, by each of two models."""

    before: tuple[int, ...]
    after: tuple[int, ...]

    @property
    def n_changed(self) -> int:
        """How many products of the second list are not in the first."""
        return len(set(self.after) - set(self.before))


@dataclass(frozen=True, slots=True)
class ModelComparison:
    """The lists of the sample shoppers, nobody's id, and the products in them."""

    shoppers: tuple[ShopperLists, ...]
    products: dict[int, ProductCard]


def find_sample_shoppers() -> list[Subject]:
    """Return the shoppers who were active last, at most `N_SHOPPERS`."""
    for window in ACTIVE_WITHIN:
        if found := find_recently_active(N_SHOPPERS, active_within=window):
            return [Subject(user_id=user_id) for user_id in found]
    return []


def compare_models(
    before: Snapshot, after: Snapshot, subjects: Sequence[Subject]
) -> ModelComparison:
    """Make the home list of each subject with both models, by the pipeline that serves.

    Products are read once for all lists, so that a page needs few queries.
    """
    shared = ListContext(None)
    histories = [read_history(subject) for subject in subjects]
    wanted: set[int] = set()
    for history in histories:
        for model in (before, after):
            catalogue = model.ensemble.catalogue
            known = to_model_history(history.entries, catalogue, now=timezone.now())
            if len(known):
                ranking = model.ensemble.recommend(known, READ_AHEAD, with_history=True)
                wanted |= set(catalogue.item_ids[ranking.items].tolist())
    shared.read_products(wanted)
    rules = shared.rules
    lists = []
    for subject, history in zip(subjects, histories, strict=True):
        made = []
        for model in (before, after):
            context = ListContext(
                subject, given_history=history, given_model=model, given_rules=rules
            )
            context.add_products(shared.products)
            found = build_personal_list(context, Placement.HOME, COUNT)
            made.append(tuple(entry.product_id for entry in found.entries))
            shared.add_products(context.products)
        lists.append(ShopperLists(*made))
    return ModelComparison(tuple(lists), shared.products)
