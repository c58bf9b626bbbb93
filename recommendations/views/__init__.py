"""Views that are not part of the API; `ecommerce_rec.urls` imports them from here."""

from recommendations.views.crawlers import SITEMAPS, robots, sitemap
from recommendations.views.pictures import picture
from recommendations.views.storefront import storefront

__all__ = ["SITEMAPS", "picture", "robots", "sitemap", "storefront"]
