"""The apps that this project configures."""

from django.contrib.admin.apps import AdminConfig


class ShopAdminConfig(AdminConfig):
    """Django's admin, with the site of this project."""

    default_site = "ecommerce_rec.admin_site.ShopAdminSite"
