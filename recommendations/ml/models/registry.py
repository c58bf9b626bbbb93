"""The model families by name: what an artifact needs to come back to life."""

from recommendations.ml.models.base import Recommender
from recommendations.ml.models.content import ContentModel
from recommendations.ml.models.item_graph import ItemGraphModel
from recommendations.ml.models.next_item_ridge import NextItemRidge
from recommendations.ml.models.popularity import PopularityModel, RecentPopularityModel
from recommendations.ml.models.repurchase import BuyAgainModel
from recommendations.ml.models.sgd_mf import MatrixFactorizationModel
from recommendations.ml.models.svd import CollaborativeFilteringModel
from recommendations.ml.models.transitions import TransitionModel

RECOMMENDERS: dict[str, type[Recommender]] = {
    family.name: family
    for family in (
        CollaborativeFilteringModel,
        MatrixFactorizationModel,
        PopularityModel,
        RecentPopularityModel,
        TransitionModel,
        ContentModel,
        BuyAgainModel,
        ItemGraphModel,
        NextItemRidge,
    )
}
