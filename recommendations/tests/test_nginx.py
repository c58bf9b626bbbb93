"""nginx with the file that docs/operations.md points to, in front of a running shop."""

import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import User

from recommendations.tests.load.servers import free_port, wait_until, web_server

pytestmark = pytest.mark.django_db(transaction=True)

# Where it is not installed, `make test` unpacks Debian's package into var/.
ROOT = Path(settings.BASE_DIR)
PLACES = [os.environ["PATH"], "/usr/sbin", f"{ROOT}/var/nginx/usr/sbin"]
NGINX = shutil.which("nginx", path=os.pathsep.join(PLACES))
HOST = "shop.example"
PASSWORD = "horse-battery-staple"
TOKEN = "c9d1-working-token"


@dataclass(frozen=True)
class Proxy:
    """A running nginx: its two ports, and the folder of its logs."""

    plain_port: int
    tls_port: int
    folder: Path

    def connect(self, *, address: str = "127.0.0.1") -> http.client.HTTPSConnection:
        """Return a connection over TLS from an address of the loopback network."""
        return http.client.HTTPSConnection(
            "127.0.0.1",
            self.tls_port,
            timeout=30,
            source_address=(address, 0),
            context=ssl._create_unverified_context(),  # noqa: S323
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

    def read_logs(self) -> str:
        return "".join(path.read_text() for path in self.folder.glob("*.log"))


@contextmanager
def nginx(folder: Path, *, shops: Sequence[int]) -> Iterator[Proxy]:
    """Run nginx with docs/nginx.conf as its container does, on ports of this test."""
    if NGINX is None:
        pytest.skip("nginx is not installed here.")
    proxy = Proxy(free_port(), free_port(), folder)
    certificate = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={HOST}"]
    subprocess.run(
        [
            "openssl",
            *certificate,
            "-keyout",
            folder / "privkey.pem",
            "-out",
            folder / "fullchain.pem",
        ],
        check=True,
        capture_output=True,
    )
    process = subprocess.Popen(
        ["sh", ROOT / "deploy" / "nginx" / "run.sh"],
        env=os.environ
        | {
            "NGINX": NGINX,
            "NGINX_USER": "root" if os.getuid() == 0 else "",
            "SHOP_HOST": HOST,
            "SERVERS": " ".join(f"127.0.0.1:{port}" for port in shops),
            "CONFIG": str(ROOT / "docs" / "nginx.conf"),
            "CERTIFICATES": str(folder),
            "FOLDER": str(folder),
            "ACCESS_LOG": str(folder / "shop.log"),
            "ERROR_LOG": str(folder / "error.log"),
            "HTTP_PORT": f"127.0.0.1:{proxy.plain_port}",
            "HTTPS_PORT": f"127.0.0.1:{proxy.tls_port}",
        },
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: _listens(proxy.tls_port), proxy.read_logs)
        yield proxy
    finally:
        process.terminate()
        process.wait(timeout=10)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


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
        logged = proxy.read_logs()

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
