from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations.choices import TokenScope
from recommendations.errors import InvalidInputError
from recommendations.models import ApiToken
from recommendations.services.people.tokens import (
    find_valid_token,
    issue_token,
    record_use,
    revoke_tokens,
)

pytestmark = pytest.mark.django_db

READ = [TokenScope.RECOMMENDATIONS_READ]


def test_a_token_is_found_by_its_secret_which_is_not_stored() -> None:
    token, secret = issue_token(name="server", scopes=READ)

    assert find_valid_token(secret) == token
    assert find_valid_token(token.token_hash) is None
    row = ApiToken.objects.values().get()
    assert secret not in str(row)


def test_expired_and_revoked_tokens_are_not_found() -> None:
    expired, expired_secret = issue_token(name="a", scopes=READ)
    revoked, revoked_secret = issue_token(name="b", scopes=READ)
    ApiToken.objects.filter(pk=expired.pk).update(expires_at=timezone.now())

    assert revoke_tokens([revoked.pk]) == 1
    assert revoke_tokens([revoked.pk]) == 0

    assert find_valid_token(expired_secret) is None
    assert find_valid_token(revoked_secret) is None


def test_a_token_needs_a_scope_and_an_expiry_ahead() -> None:
    with pytest.raises(InvalidInputError, match="at least one scope"):
        issue_token(name="server", scopes=[])
    with pytest.raises(InvalidInputError, match="must be in the future"):
        issue_token(name="server", scopes=READ, expires_at=timezone.now() - timedelta(days=1))

    assert ApiToken.objects.count() == 0


def test_the_use_of_a_token_is_written_at_most_once_a_minute() -> None:
    token, secret = issue_token(name="server", scopes=READ)
    record_use(token)
    used = find_valid_token(secret)
    assert used is not None
    assert used.last_used_at is not None

    with CaptureQueriesContext(
        connection,
    ) as queries:
        record_use(used)
    ApiToken.objects.update(last_used_at=timezone.now() - timedelta(seconds=61))
    record_use(ApiToken.objects.get())

    assert len(queries) == 0
    assert timezone.now() - ApiToken.objects.get().last_used_at < timedelta(seconds=30)  # type: ignore[operator]


def test_a_token_keeps_the_source_whose_ids_it_speaks() -> None:
    token, _ = issue_token(name="server", scopes=READ, source="erp")

    assert token.source == "erp"
    with pytest.raises(InvalidInputError, match="1 to 50 letters"):
        issue_token(name="server", scopes=READ, source="the erp")
