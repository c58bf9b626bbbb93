"""Path parameters of the OpenAPI document; views parse them with `fields.parse_path_*`."""

from drf_spectacular.utils import OpenApiParameter

from recommendations.api.fields import ID_SCHEMA, SHOPPER_SCHEMA

PATH_PARAMETERS = {
    "product_id": OpenApiParameter(
        "product_id", ID_SCHEMA, OpenApiParameter.PATH, description="A product."
    ),
    "user_id": OpenApiParameter(
        "user_id",
        SHOPPER_SCHEMA,
        OpenApiParameter.PATH,
        description="A shopper's id, or `me` for the caller.",
    ),
}
