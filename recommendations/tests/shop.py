"""Builders: the smallest shop a test needs, saying only what matters to it."""

from decimal import Decimal
from itertools import count
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from recommendations.choices import TokenScope
from recommendations.models import Product
from recommendations.services.people.tokens import issue_token

PASSWORD = "correct-horse-battery"
_numbers = count(1)


def a_product(**values: Any) -> Product:
    defaults = {
        "name": f"Product {next(_numbers)}",
        "category": "Home",
        "price": Decimal("9.99"),
        "stock": 10,
    }
    return Product.objects.create(**{**defaults, **values})


def a_shopper(username: str = "ada", **values: Any) -> User:
    return User.objects.create_user(username, password=PASSWORD, **values)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def a_server(*scopes: TokenScope) -> Client:
    _, secret = issue_token(name="server", scopes=scopes)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def post(client: Client, path: str, body: Any) -> Any:
    return client.post(path, body, content_type="application/json")
