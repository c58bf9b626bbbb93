"""The OpenAPI document: parameters, credentials and errors of each operation."""

import re
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema

from recommendations.api.errors import PROBLEM_JSON
from recommendations.api.fields import StrictSerializer
from recommendations.api.parameters import PATH_PARAMETERS
from recommendations.api.policy import Access, Policy

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "An error by RFC 9457. `code` is stable; `detail` is for people.",
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
                "required": ["pointer", "code", "detail"],
            },
        },
    },
    "required": ["type", "title", "status", "code", "detail", "request_id"],
}


SECURITY_SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A shop's own server; its token has the scope named here.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "sessionid",
        "description": "A signed-in shopper; writes also need the header X-CSRFToken.",
    },
}


class PolicySchema(AutoSchema):
    """Derive parameters from path and query serializer, and credentials from the route's policy."""

    def get_override_parameters(self) -> list[Any]:
        """Return the parameters of the path and of the route's query serializer."""
        in_path = [PATH_PARAMETERS[name] for name in re.findall(r"{(\w+)}", self.path)]
        query: type[StrictSerializer] = self.view.query_serializer  # type: ignore[attr-defined]
        return in_path if query is StrictSerializer else [*in_path, query]

    def get_auth(self) -> list[dict[str, Any]]:
        """Return the credentials that the policy accepts; `{}` stands for no credential."""
        policy: Policy = self.view.policy  # type: ignore[attr-defined]
        match policy.access:
            case Access.PUBLIC:
                return [{}]
            case Access.SERVER:
                return [{"token": [policy.scope.value] if policy.scope else []}]
            case Access.OWN:
                return [{"session": []}, {}]
            case _:
                scopes = [policy.scope.value] if policy.scope else []
                people: list[dict[str, Any]] = [{"session": []}, {}]
                if policy.access is Access.INTERNAL:
                    people.pop()
                return [{"token": scopes}, *people]


class StrictInput(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """Declare that an input accepts no field but its own."""

    target_class = "recommendations.api.fields.StrictSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: Any) -> dict[str, Any]:
        """Return the schema of the serializer without additional properties."""
        schema = auto_schema._map_serializer(  # type: ignore[no-untyped-call]
            self.target, direction, bypass_extensions=True
        )
        return {**schema, "additionalProperties": False}


def add_problem_responses(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add the security schemes, and a problem as the default response of every operation."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    result["components"]["securitySchemes"] = SECURITY_SCHEMES
    failure = {
        "description": "A problem; `code` names it.",
        "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = failure
    return result
