"""Views that are not part of the API; `ecommerce_rec.urls` imports them from here."""

from recommendations.views.crawlers import robots, sitemap, sitemap_index
from recommendations.views.pictures import picture
from recommendations.views.storefront import storefront

__all__ = ["picture", "robots", "sitemap", "sitemap_index", "storefront"]
