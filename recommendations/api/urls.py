"""The routes of the API; each works with and without its trailing slash."""

from django.urls import URLPattern, URLResolver, path, re_path, register_converter

from recommendations.api.accounts import (
    PasswordResetConfirmRoute,
    PasswordResetRoute,
    RegisterRoute,
)
from recommendations.api.cart import CartItemRoute, CartRoute
from recommendations.api.catalogue import CatalogueRoute, TakeDownRoute
from recommendations.api.demo import DemoShoppersRoute, DemoSignInRoute
from recommendations.api.docs import DocsRoute, SchemaRoute
from recommendations.api.experiments import AssignmentsRoute, ExperimentsRoute, ExposuresRoute
from recommendations.api.feedback import DismissalRoute, DismissalsRoute, LikeRoute, LikesRoute
from recommendations.api.given_history import GivenHistoryRoute
from recommendations.api.health import LiveRoute, ReadyRoute
from recommendations.api.identity import (
    DataCountsRoute,
    ExportRoute,
    LoginRoute,
    LogoutRoute,
    MeRoute,
)
from recommendations.api.ids import IdConverter
from recommendations.api.impressions import ImpressionsRoute
from recommendations.api.insight import (
    DayFiguresRoute,
    FiguresRoute,
    ListFiguresRoute,
    ReadinessRoute,
)
from recommendations.api.interactions import InteractionRoute, InteractionsRoute
from recommendations.api.metrics import MetricsRoute
from recommendations.api.orders import OrdersRoute
from recommendations.api.products import (
    CategoriesRoute,
    ProductRoute,
    ProductsRoute,
    RecentlyViewedRoute,
)
from recommendations.api.recommendations import (
    BoughtTogetherRoute,
    ComplementsRoute,
    PageRoute,
    PersonalListRoute,
    PopularRoute,
    SimilarProductsRoute,
    TrendingRoute,
)
from recommendations.api.route import UnknownPath
from recommendations.api.search import FacetsRoute, SearchRoute, SuggestionsRoute
from recommendations.api.shoppers import MergeRoute, OwnShopperRoute

register_converter(IdConverter, "id")

# An own id may have slashes, so the longer paths stand first.
urlpatterns: list[URLPattern | URLResolver] = [
    path("recommendations/", GivenHistoryRoute.as_view(), name="given-history"),
    path("recommendations/<id:user_id>/", PersonalListRoute.as_view(), name="recommendations"),
    path("interaction/", InteractionRoute.as_view(), name="interaction"),
    path("interactions/", InteractionsRoute.as_view(), name="interactions"),
    path("search/", SearchRoute.as_view(), name="search"),
    path("search/suggestions/", SuggestionsRoute.as_view(), name="suggestions"),
    path("products/", ProductsRoute.as_view(), name="products"),
    path("products/facets/", FacetsRoute.as_view(), name="facets"),
    path("products/<id:product_id>/similar/", SimilarProductsRoute.as_view(), name="similar"),
    path(
        "products/<id:product_id>/bought-together/",
        BoughtTogetherRoute.as_view(),
        name="bought-together",
    ),
    path("products/<id:product_id>/", ProductRoute.as_view(), name="product"),
    path("shoppers/<id:user_id>/merge/", MergeRoute.as_view(), name="merge"),
    path("shoppers/<id:user_id>/", OwnShopperRoute.as_view(), name="shopper"),
    path("page/", PageRoute.as_view(), name="page"),
    path("impressions/", ImpressionsRoute.as_view(), name="impressions"),
    path("categories/", CategoriesRoute.as_view(), name="categories"),
    path("catalogue/products/", CatalogueRoute.as_view(), name="catalogue"),
    path("catalogue/take-down/", TakeDownRoute.as_view(), name="take-down"),
    path("trending/", TrendingRoute.as_view(), name="trending"),
    path("popular/", PopularRoute.as_view(), name="popular"),
    path("recently-viewed/", RecentlyViewedRoute.as_view(), name="recently-viewed"),
    path("cart/", CartRoute.as_view(), name="cart"),
    path("cart/recommendations/", ComplementsRoute.as_view(), name="complements"),
    path("cart/<id:product_id>/", CartItemRoute.as_view(), name="cart-item"),
    path("likes/", LikesRoute.as_view(), name="likes"),
    path("likes/<id:product_id>/", LikeRoute.as_view(), name="like"),
    path("not-interested/", DismissalsRoute.as_view(), name="not-interested"),
    path("not-interested/<id:product_id>/", DismissalRoute.as_view(), name="dismissal"),
    path("orders/", OrdersRoute.as_view(), name="orders"),
    path("me/", MeRoute.as_view(), name="me"),
    path("me/export/", ExportRoute.as_view(), name="export"),
    path("me/counts/", DataCountsRoute.as_view(), name="data-counts"),
    path("auth/register/", RegisterRoute.as_view(), name="register"),
    path("auth/password-reset/", PasswordResetRoute.as_view(), name="password-reset"),
    path(
        "auth/password-reset/confirm/",
        PasswordResetConfirmRoute.as_view(),
        name="password-reset-confirm",
    ),
    path("auth/login/", LoginRoute.as_view(), name="login"),
    path("auth/logout/", LogoutRoute.as_view(), name="logout"),
    path("demo/shoppers/", DemoShoppersRoute.as_view(), name="demo-shoppers"),
    path("demo/sign-in/", DemoSignInRoute.as_view(), name="demo-sign-in"),
    path("health/live", LiveRoute.as_view(), name="health-live"),
    path("health/ready", ReadyRoute.as_view(), name="health-ready"),
    path("insight/figures/", FiguresRoute.as_view(), name="figures"),
    path("insight/lists/", ListFiguresRoute.as_view(), name="list-figures"),
    path("insight/days/", DayFiguresRoute.as_view(), name="day-figures"),
    path("insight/readiness/", ReadinessRoute.as_view(), name="readiness"),
    path("experiments/", ExperimentsRoute.as_view(), name="experiments"),
    path("experiments/exposures/", ExposuresRoute.as_view(), name="exposures"),
    path("experiments/assignments/<id:user_id>/", AssignmentsRoute.as_view(), name="assignments"),
    path("metrics/", MetricsRoute.as_view(), name="metrics"),
    path("schema/", SchemaRoute.as_view(), name="schema"),
    path("docs/", DocsRoute.as_view(), name="docs"),
    re_path(r"^.*$", UnknownPath.as_view(), name="unknown"),
]
