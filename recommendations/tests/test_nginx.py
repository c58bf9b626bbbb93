"""nginx with the file that docs/operations.md points to, in front of a running shop."""

import http.client
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import User

from deploy.nginx.running import PROGRAM, Nginx, run_nginx
from recommendations.tests.load.servers import web_server

pytestmark = pytest.mark.django_db(transaction=True)

HOST = "shop.example"
PASSWORD = "horse-battery-staple"
TOKEN = "c9d1-working-token"


@dataclass(frozen=True)
class Proxy:
    """A running nginx, as clients use it."""

    running: Nginx

    def connect(self, *, address: str = "127.0.0.1") -> http.client.HTTPSConnection:
        """Return a connection over TLS from an address of the loopback network."""
        return http.client.HTTPSConnection(
            "127.0.0.1",
            self.running.tls_port,
            timeout=30,
            source_address=(address, 0),
            context=self.running.trust,
        )

    def get(self, path: str, *, address: str = "127.0.0.1") -> int:
        asked = self.connect(address=address)
        try:
            asked.request("GET", path, headers={"Host": HOST})
            return int(asked.getresponse().status)
        finally:
            asked.close()

    def sign_in_to_admin(self, password: str, *, address: str, claimed: str) -> int:
        """Send the admin's form with a claimed address; return the status of the answer."""
        asked = self.connect(address=address)
        headers = {"Host": HOST, "X-Forwarded-For": claimed}
        try:
            asked.request("GET", "/admin/login/", headers=headers)
            page = asked.getresponse()
            cookie = (page.headers["Set-Cookie"] or "").partition(";")[0]
            [field] = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page.read().decode())
            form = {"username": "staff", "password": password, "csrfmiddlewaretoken": field}
            headers |= {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
            headers |= {"Referer": f"https://{HOST}/admin/login/"}
            asked.request("POST", "/admin/login/", urlencode(form), headers)
            return int(asked.getresponse().status)
        finally:
            asked.close()


@contextmanager
def nginx(folder: Path, *, shops: Sequence[int]) -> Iterator[Proxy]:
    if PROGRAM is None:
        pytest.skip("nginx is not installed here.")
    with run_nginx(folder, host=HOST, servers=shops) as running:
        yield Proxy(running)


def test_behind_the_documented_nginx_nobody_forges_an_address_and_no_link_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = User(username="staff", is_staff=True, is_superuser=True)
    # As the shop hashes: the tests' own quick hash is unknown to it.
    staff.password = PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1000)
    staff.save()
    monkeypatch.setenv("NUM_PROXIES", "1")
    monkeypatch.setenv("ALLOWED_HOSTS", f"{HOST},127.0.0.1")
    link = f"/reset-password?{urlencode({'uid': 'MQ', 'token': TOKEN})}"

    with web_server(tmp_path) as shop, nginx(tmp_path, shops=[shop.port]) as proxy:
        wrong = [
            proxy.sign_in_to_admin("a guess", address="127.0.0.1", claimed=f"203.0.113.{number}")
            for number in range(14)
        ]
        right_from_there = proxy.sign_in_to_admin(
            PASSWORD, address="127.0.0.1", claimed="203.0.113.99"
        )
        right_from_elsewhere = proxy.sign_in_to_admin(
            PASSWORD, address="127.0.0.2", claimed="127.0.0.1"
        )
        proxy.get(link)
        shop.stop()
        while_the_shop_is_closed = proxy.get(link)
        logged = proxy.running.read_logs()

    assert (wrong[0], wrong[-1]) == (200, 429)
    assert right_from_there == 429
    assert right_from_elsewhere == 302
    assert while_the_shop_is_closed == 502
    assert '"POST /admin/login/" 429' in logged
    assert TOKEN not in logged


@pytest.mark.load
def test_half_sent_requests_stay_with_the_documented_nginx(tmp_path: Path) -> None:
    started = (
        b"POST /api/interaction/ HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 20\r\n\r\n{"
    )

    with web_server(tmp_path) as shop, nginx(tmp_path, shops=[shop.port]) as proxy:
        held = [proxy.connect() for _ in range(20)]
        for each in held:
            each.connect()
            each.sock.sendall(started)
        status = proxy.get("/api/health/live")
        for each in held:
            each.close()

    assert status == 200


def test_sockets_pass_the_documented_nginx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", f"{HOST},127.0.0.1")
    # In production, the shop believes nginx that the page came over TLS.
    monkeypatch.setenv("CSRF_TRUSTED_ORIGINS", f"https://{HOST}")
    upgrade = {
        "Host": HOST,
        "Origin": f"https://{HOST}",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
    }

    with web_server(tmp_path) as shop, nginx(tmp_path, shops=[shop.port]) as proxy:
        held = [proxy.connect() for _ in range(5)]
        for each in held:
            each.request("GET", "/ws/shop/", headers=upgrade)
        statuses = [each.getresponse().status for each in held]
        beside = proxy.get("/api/health/live")
        for each in held:
            each.close()

    assert (statuses, beside) == ([101] * 5, 200)
