"""The model families by name: what an artifact needs to come back to life."""

from recommendations.ml.base import Recommender
from recommendations.ml.buy_again import BuyAgainModel
from recommendations.ml.collaborative import CollaborativeFilteringModel
from recommendations.ml.content import ContentModel
from recommendations.ml.factorization import MatrixFactorizationModel
from recommendations.ml.item_graph import ItemGraphModel
from recommendations.ml.popularity import PopularityModel, RecentPopularityModel
from recommendations.ml.ridge import NextItemRidge
from recommendations.ml.transitions import TransitionModel

FAMILIES: dict[str, type[Recommender]] = {
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
