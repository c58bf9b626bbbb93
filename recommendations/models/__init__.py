"""The tables. Import models from here: `from recommendations.models import Product`."""

from recommendations.models.attribute import AttributeValue, ProductAttribute
from recommendations.models.behavior import UserBehavior
from recommendations.models.category import Category, CategoryPage, CategoryPin, ProductCategory
from recommendations.models.experiment import (
    ArmHealth,
    Experiment,
    ExperimentArm,
    ExperimentEvent,
    ExperimentReport,
    Exposure,
    SubjectDay,
)
from recommendations.models.feed import Feed, FeedRun
from recommendations.models.feedback import Dismissal, Like
from recommendations.models.import_job import ImportJob
from recommendations.models.insight import (
    DailyFigure,
    DailyProductCounts,
    InsightMark,
    ShownProducts,
    TouchedDay,
)
from recommendations.models.list_inspection import ListInspection
from recommendations.models.merchandising import MerchandisingRule, RuleVersion
from recommendations.models.model_version import ModelVersion, TrainingLease
from recommendations.models.order import CartItem, Order, OrderChange, OrderLine
from recommendations.models.picture_address import PictureAddress
from recommendations.models.product import Product, ProductImage
from recommendations.models.profile import UserProfile
from recommendations.models.random_slot import RandomSlot
from recommendations.models.role_right import RoleRight
from recommendations.models.search_log import LearnedMatch, LoggedSearch, QueryDay
from recommendations.models.search_rules import (
    IgnoredWord,
    PinnedProduct,
    PinnedSearch,
    SearchRedirect,
    SearchRule,
    SearchRulesVersion,
    SearchSynonym,
)
from recommendations.models.served_list import ServedList
from recommendations.models.shopper_id import ShopperId
from recommendations.models.token import ApiToken
from recommendations.models.variant import Variant
from recommendations.models.what_if import WhatIf

__all__ = [
    "ApiToken",
    "ArmHealth",
    "AttributeValue",
    "CartItem",
    "Category",
    "CategoryPage",
    "CategoryPin",
    "DailyFigure",
    "DailyProductCounts",
    "Dismissal",
    "Experiment",
    "ExperimentArm",
    "ExperimentEvent",
    "ExperimentReport",
    "Exposure",
    "Feed",
    "FeedRun",
    "IgnoredWord",
    "ImportJob",
    "InsightMark",
    "LearnedMatch",
    "Like",
    "ListInspection",
    "LoggedSearch",
    "MerchandisingRule",
    "ModelVersion",
    "Order",
    "OrderChange",
    "OrderLine",
    "PictureAddress",
    "PinnedProduct",
    "PinnedSearch",
    "Product",
    "ProductAttribute",
    "ProductCategory",
    "ProductImage",
    "QueryDay",
    "RandomSlot",
    "RoleRight",
    "RuleVersion",
    "SearchRedirect",
    "SearchRule",
    "SearchRulesVersion",
    "SearchSynonym",
    "ServedList",
    "ShopperId",
    "ShownProducts",
    "SubjectDay",
    "TouchedDay",
    "TrainingLease",
    "UserBehavior",
    "UserProfile",
    "Variant",
    "WhatIf",
]
