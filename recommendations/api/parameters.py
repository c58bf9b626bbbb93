"""Path parameters of the OpenAPI document; routes parse them with `ids.parse_path_*`."""

from drf_spectacular.utils import OpenApiParameter

from recommendations.api.ids import PRODUCT_SCHEMA, SHOPPER_SCHEMA

PATH_PARAMETERS = {
    "product_id": OpenApiParameter(
        "product_id",
        PRODUCT_SCHEMA,
        OpenApiParameter.PATH,
        description="A product: its number, or the shop's own id as `ext:ABC-7`, percent-encoded. "
        "The slash after it may only be left out if the id does not end in one.",
    ),
    "user_id": OpenApiParameter(
        "user_id",
        SHOPPER_SCHEMA,
        OpenApiParameter.PATH,
        description="A shopper's number, or `me` for the caller. Servers may also give the shop's "
        "own id as `ext:ABC-7`, or an anonymous visitor as `session:XYZ`, percent-encoded.",
    ),
}
