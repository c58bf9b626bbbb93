from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from recommendations.models import ApiToken
from recommendations.services.people.tokens import find_valid_token

pytestmark = pytest.mark.django_db


def test_a_token_is_printed_once_and_works() -> None:
    printed = StringIO()

    call_command(
        "create_token",
        "warehouse",
        "--scope=interactions:write",
        "--scope=recommendations:read",
        "--expires-in-days=30",
        stdout=printed,
    )

    token = find_valid_token(printed.getvalue().strip())
    assert token is not None
    assert (token.name, token.scopes) == (
        "warehouse",
        ["interactions:write", "recommendations:read"],
    )
    assert token.expires_at is not None
    assert (token.expires_at - token.created_at).days in {29, 30}


@pytest.mark.parametrize(
    "arguments",
    [
        ["warehouse"],
        ["warehouse", "--scope=everything"],
        ["warehouse", "--scope=recommendations:read", "--expires-in-days=0"],
        ["", "--scope=recommendations:read"],
    ],
    ids=["no scope", "unknown scope", "expired", "no name"],
)
def test_invalid_arguments_are_refused(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("create_token", *arguments)

    assert ApiToken.objects.count() == 0
