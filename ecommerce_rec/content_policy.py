"""The content policy of the shop's pages, loosened where the admin's theme needs it."""

from typing import Any

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest


class ContentPolicyMiddleware(CSPMiddleware):
    """Send the policy of the settings; under /admin/ scripts may stand in the page.

    The theme evaluates the expressions in its own templates, which no stricter policy allows.
    """

    def get_policy_parts(self, request: HttpRequest, *args: Any, **kwargs: Any) -> PolicyParts:
        """Return the policy of the settings, with what the page at hand adds to it."""
        parts = super().get_policy_parts(request, *args, **kwargs)
        if request.path_info.startswith("/admin/"):
            parts.update = {"script-src": [SELF, UNSAFE_INLINE, UNSAFE_EVAL]}
        return parts
