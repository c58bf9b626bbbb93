"""One row of every table of the shop."""

from django.db.models import Model
from django.utils import timezone

from recommendations.choices import ExperimentState, ModelState, Placement, TokenScope
from recommendations.models import (
    ApiToken,
    AttributeValue,
    CartItem,
    Category,
    CategoryPage,
    Dismissal,
    Experiment,
    Feed,
    FeedRun,
    IgnoredWord,
    Like,
    ListInspection,
    MerchandisingRule,
    ModelVersion,
    Order,
    OrderLine,
    PictureAddress,
    PinnedProduct,
    PinnedSearch,
    Product,
    ProductAttribute,
    ProductCategory,
    ProductImage,
    RandomSlot,
    SearchRedirect,
    SearchSynonym,
    ServedList,
    ShopperId,
    TrainingLease,
    UserBehavior,
    UserProfile,
    Variant,
)
from recommendations.services.people.tokens import issue_token
from recommendations.tests.builders import make_experiment, make_product, make_user


def make_a_row_of_everything(number: int) -> dict[type[Model], Model]:
    """Add a row of every table; return them by table."""
    user = make_user(f"shopper-{number}")
    product = make_product(image="products/lamp.svg")
    order = Order.objects.create(user=user)
    feed = Feed.objects.create(name=f"feed-{number}", source="own", address="https://example.com/")
    value = AttributeValue.objects.create(
        name="Colour", value=f"{number}", name_key="colour", value_key=f"{number}"
    )
    pinned = PinnedSearch.objects.create(query=f"lamp {number}")
    PinnedProduct.objects.create(search=pinned, product=product)
    slot, _ = RandomSlot.objects.get_or_create(placement=[*Placement][number % len(Placement)])
    return {
        Product: product,
        RandomSlot: slot,
        UserBehavior: UserBehavior.objects.create(
            user=user, product=product, interaction_type="view"
        ),
        UserProfile: UserProfile.objects.create(user=user),
        Like: Like.objects.create(user=user, product=product),
        Dismissal: Dismissal.objects.create(user=user, product=product),
        ServedList: ServedList.objects.create(
            user=user, placement="home", name="for-you", source="model", product_ids=[product.pk]
        ),
        ListInspection: ListInspection.objects.create(
            staff=user, history="shopper", user=user, placement="home", product=product
        ),
        Experiment: make_experiment(state=ExperimentState.DRAFT.value),
        ProductImage: ProductImage.objects.create(product=product, image="products/side.svg"),
        CartItem: CartItem.objects.create(user=user, product=product),
        Order: order,
        OrderLine: OrderLine.objects.create(
            order=order, product=product, product_name="Lamp", price=1, quantity=1
        ),
        ModelVersion: ModelVersion.objects.create(
            name=f"v{number}", metrics={"ndcg": 0.1}, state=ModelState.CANDIDATE.value
        ),
        TrainingLease: TrainingLease.objects.create(
            name=f"lease-{number}", holder="worker", expires_at=timezone.now()
        ),
        MerchandisingRule: MerchandisingRule.objects.create(action="pin", product=product),
        SearchSynonym: SearchSynonym.objects.create(phrase=f"tv {number}", means="television"),
        SearchRedirect: SearchRedirect.objects.create(query=f"{number}", path="/products"),
        PinnedSearch: pinned,
        IgnoredWord: IgnoredWord.objects.create(word=f"word{number}"),
        Category: Category.objects.get(path=product.category),
        CategoryPage: CategoryPage.objects.get(path=product.category),
        ProductCategory: ProductCategory.objects.get(product=product),
        AttributeValue: value,
        ProductAttribute: ProductAttribute.objects.create(product=product, value=value),
        Variant: Variant.objects.create(product=product, price=1, options={"Size": "M"}),
        PictureAddress: PictureAddress.objects.create(
            product=product, address="https://example.com/lamp.png"
        ),
        Feed: feed,
        FeedRun: FeedRun.objects.create(feed=feed, state="failed", problem="It took too long."),
        ShopperId: ShopperId.objects.create(source="own", external_id=f"{number}", user=user),
        ApiToken: issue_token(name="server", scopes=list(TokenScope))[0],
    }
