"""The apps that this project configures."""

from django.conf import settings
from django.contrib.admin.apps import AdminConfig


class ShopAdminConfig(AdminConfig):
    """Django's admin, with the site of this project."""

    default_site = "ecommerce_rec.admin_site.ShopAdminSite"

    def ready(self) -> None:
        """Find the pages of the admin, and report errors from now on if a setting says where."""
        super().ready()
        if settings.SENTRY_DSN:
            from ecommerce_rec.error_reports import report_errors_to  # noqa: PLC0415

            report_errors_to(settings.SENTRY_DSN)
