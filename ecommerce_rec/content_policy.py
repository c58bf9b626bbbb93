"""The content security policy, which is looser for the admin's theme."""

from typing import Any

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest


class ContentPolicyMiddleware(CSPMiddleware):
    """Send the policy of the settings; under /admin/, allow inline scripts and `eval` too.

    The admin's theme evaluates expressions in its templates, which needs both.
    """

    def get_policy_parts(self, request: HttpRequest, *args: Any, **kwargs: Any) -> PolicyParts:
        """Return the parts of the policy for this request."""
        parts = super().get_policy_parts(request, *args, **kwargs)
        if request.path_info.startswith("/admin/"):
            parts.update = {"script-src": [SELF, UNSAFE_INLINE, UNSAFE_EVAL]}
        return parts
