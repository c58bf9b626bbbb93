import os
import secrets
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMPLETE = {
    "SECRET_KEY": secrets.token_urlsafe(50),
    "ALLOWED_HOSTS": "shop.example",
    "DATABASE_URL": "postgres://shop@database/shop",
    "REDIS_URL": "redis://cache/0",
    "EMAIL_HOST": "mail.example",
    "NUM_PROXIES": "1",
}
NEEDED = ("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL")
# Empty, so that neither this shell nor a developer's .env decides what is tested.
UNSET = dict.fromkeys(COMPLETE, "")


def manage(
    *arguments: str, settings: str, environment: dict[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            **UNSET,
            "VAR_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": f"ecommerce_rec.{settings}",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_production_names_all_missing_variables_at_once(tmp_path: Path) -> None:
    started = manage("check", settings="settings_prod", environment={}, folder=tmp_path)

    assert started.returncode != 0
    for name in NEEDED:
        assert f"- {name} is missing." in started.stderr


def test_a_list_of_nothing_is_missing(tmp_path: Path) -> None:
    environment = {**COMPLETE, "ALLOWED_HOSTS": " , "}

    started = manage("check", settings="settings_prod", environment=environment, folder=tmp_path)

    assert started.returncode != 0
    assert "- ALLOWED_HOSTS is missing." in started.stderr


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("SECRET_KEY", "short", "SECRET_KEY is easy to guess"),
        ("SECRET_KEY", "a" * 60, "SECRET_KEY is easy to guess"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS must name the shop's hosts"),
        ("DATABASE_URL", "sqlite:///shop.sqlite3", "DATABASE_URL names SQLite"),
    ],
)
def test_production_refuses_what_is_unsafe(
    name: str, value: str, complaint: str, tmp_path: Path
) -> None:
    started = manage(
        "check", settings="settings_prod", environment={**COMPLETE, name: value}, folder=tmp_path
    )

    assert started.returncode != 0
    assert complaint in started.stderr
    assert "is missing" not in started.stderr


def test_a_complete_production_passes_the_deployment_checks(tmp_path: Path) -> None:
    checked = manage(
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        settings="settings_prod",
        environment=COMPLETE,
        folder=tmp_path,
    )

    assert checked.returncode == 0, checked.stderr
    assert "no issues" in checked.stdout


def test_development_makes_its_secret_once_and_keeps_it_private(tmp_path: Path) -> None:
    first = manage("check", settings="settings_dev", environment={}, folder=tmp_path)
    made = (tmp_path / "secret_key").read_text()
    second = manage("check", settings="settings_dev", environment={}, folder=tmp_path)

    assert (first.returncode, second.returncode) == (0, 0)
    assert len(made) >= 50
    assert (tmp_path / "secret_key").read_text() == made
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_a_wrong_setting_of_the_shop_stops_production_with_a_sentence(tmp_path: Path) -> None:
    started = manage(
        "check",
        settings="settings_prod",
        environment={**COMPLETE, "SHOP_CURRENCY": "EURO"},
        folder=tmp_path,
    )

    assert started.returncode != 0
    assert (
        "SHOP_CURRENCY is 'EURO'; it must be the ISO 4217 code of a currency, such as EUR."
        in started.stderr
    )


def test_the_environment_sets_the_settings_of_the_shop(tmp_path: Path) -> None:
    shown = manage(
        "shell",
        "--no-imports",
        "-c",
        "from django.conf import settings\n"
        "from recommendations.conf import configuration\n"
        "shop = configuration()\n"
        "print(shop.shop_name, shop.currency_decimals, settings.TIME_ZONE)\n"
        "print(shop.artifacts_dir, shop.demo_sign_in, settings.UNFOLD['SITE_TITLE'])",
        settings="settings_dev",
        environment={
            "SHOP_NAME": "Halm & Co",
            "SHOP_CURRENCY": "KWD",
            "SHOP_TIME_ZONE": "Asia/Kuwait",
            "DEMO_SIGN_IN": "0",
        },
        folder=tmp_path,
    )

    assert shown.stdout.splitlines() == [
        "Halm & Co 3 Asia/Kuwait",
        f"{tmp_path / 'models'} False Halm & Co admin",
    ]


def test_production_without_a_mail_server_logs_no_mail(tmp_path: Path) -> None:
    sent = manage(
        "shell",
        "--no-imports",
        "-c",
        "from recommendations.services.people.mailing import send_within_limit\n"
        "link = 'https://shop.example/reset-password?uid=MQ&token=c9d1'\n"
        "send_within_limit(recipient='ada@shop.example', subject='New password', text=link)",
        settings="settings_prod",
        environment={**COMPLETE, "EMAIL_HOST": ""},
        folder=tmp_path,
    )

    assert sent.returncode == 0
    output = sent.stdout + sent.stderr
    assert "A mail was not sent: there is no mail server. Set EMAIL_HOST." in output
    assert "c9d1" not in output
    assert "ada@shop.example" not in output


def test_an_empty_database_is_migrated_without_a_look_at_it_beforehand(tmp_path: Path) -> None:
    started = manage("migrate", "--plan", settings="settings_dev", environment={}, folder=tmp_path)

    assert started.returncode == 0, started.stderr
    assert "recommendations.0001_initial" in started.stdout
