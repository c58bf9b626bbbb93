"""Path parameters as the schema shows them; views read them with `fields.path_*`."""

from drf_spectacular.utils import OpenApiParameter

from recommendations.api.fields import ID_SCHEMA, SHOPPER_SCHEMA

PRODUCT_ID = OpenApiParameter(
    "product_id", ID_SCHEMA, OpenApiParameter.PATH, description="A product."
)
USER_ID = OpenApiParameter(
    "user_id",
    SHOPPER_SCHEMA,
    OpenApiParameter.PATH,
    description="A shopper's id, or `me` for whoever is asking.",
)
