"""The apps that this project configures."""

from django.conf import settings
from django.contrib.admin.apps import AdminConfig


class ShopAdminConfig(AdminConfig):
    """Django's admin, with the site of this project."""

    default_site = "ecommerce_rec.admin_site.ShopAdminSite"

    def ready(self) -> None:
        """Find the pages of the admin; report errors and send traces if settings say where."""
        super().ready()
        if settings.SENTRY_DSN:
            from ecommerce_rec.error_reports import report_errors_to  # noqa: PLC0415

            report_errors_to(settings.SENTRY_DSN)
        if settings.TRACES_COLLECTOR:
            from ecommerce_rec.traces import trace_to  # noqa: PLC0415

            trace_to(
                settings.TRACES_COLLECTOR,
                headers=settings.TRACES_HEADERS,
                share=settings.TRACES_SHARE,
            )
