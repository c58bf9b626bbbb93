"""Wrong settings end the start with a sentence for each, and no secret is in any of them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ecommerce_rec.environment import Environment
from ecommerce_rec.secret_strength import has_common_password, is_key_guessable
from recommendations.tests.test_settings import COMPLETE, ROOT, manage

HIDDEN = "tr0ub4dor"
# Each row: a variable, its wrong values, and how the sentence about it goes on.
WRONG = [
    ("ALLOWED_HOSTS", ("https://shop.example", "shop.example:8000", "a b"), "host names without"),
    ("CSRF_TRUSTED_ORIGINS", ("shop.example", "https://a/x", "ftp://a"), "scheme and host without"),
    ("SECRET_KEY_FALLBACKS", ("short", "a" * 60 + ",b", "b," + "a" * 60), "secret keys of 50"),
    ("CORS_ALLOWED_ORIGINS", ("shop.example", "https://a/x", "null"), "scheme and host without"),
    (
        "DATABASE_URL",
        (
            f"mongodb://u:{HIDDEN}@h/n",
            f"postgres://u:{HIDDEN}/x@h/n",
            f"postgres://u:{HIDDEN}#@h/n",
        ),
        "an address such as postgres://",
    ),
    (
        "REDIS_URL",
        (f"http://:{HIDDEN}@h/0", f"redis://:{HIDDEN}@h/first", f"redis://:{HIDDEN}@h:port/0"),
        "an address such as redis://",
    ),
    (
        "CELERY_BROKER_URL",
        (f"sqs://{HIDDEN}@", f"redis://:{HIDDEN}/@h/1", "rabbit"),
        "an address such as redis://",
    ),
    (
        "DATABASE_REPLICA_URL",
        (f"mysql://{HIDDEN}/shop", f"sqlite:///{HIDDEN}", "replica"),
        "an address such as postgres://",
    ),
    (
        "ARTIFACT_STORAGE",
        ("/mnt/artifacts", "s3://", "gs://bucket"),
        "a folder that all hosts share",
    ),
    ("AWS_ENDPOINT_URL_S3", ("s3.example", "s3://bucket", "https://"), "an address such as"),
    ("TRACES_COLLECTOR", ("collector:4318", "grpc://collector", "http://"), "an address such as"),
    ("TRACES_SHARE", ("2", "-0.1", "all"), "a number from 0 to 1"),
    ("NUM_PROXIES", ("-1", "one", "99"), "the number of proxies in front"),
    ("REQUESTS_PER_MINUTE_OF_A_SHOPPER", ("-1", "many", "1e3"), "a whole number from 0"),
    ("EVENTS_PER_MINUTE_OF_A_SERVER", ("-1", "1.5", "9" * 30), "a whole number from 0"),
    ("EMAIL_PORT", ("0", "smtp", "70000"), "a port, from 1 to 65535"),
    ("EMAIL_USE_TLS", ("perhaps", "2", "-"), "1 or 0"),
    ("DEFAULT_FROM_EMAIL", ("shop", "Shop <shop>", "@"), "an e-mail address"),
    ("LOG_LEVEL", ("LOUD", "3", "info,debug"), "one of DEBUG, INFO, WARNING, ERROR"),
    ("SECURE_SSL_REDIRECT", ("maybe", "2", "-"), "1 or 0"),
    ("SECURE_HSTS_SECONDS", ("-1", "a year", "1e9"), "a whole number of seconds"),
    ("SHOP_TIME_ZONE", ("Berlin", "UTC+1", "CEST2"), "a name of the IANA time zone database"),
    ("SHOP_HISTORY_LENGTH", ("0", "9" * 30, "ten"), "a whole number above 0"),
    ("SHOP_SERVED_LOG_KEEP_DAYS", ("0", "1e6", "inf"), "a number above 0"),
    (
        "SHOP_INTERNAL_HOSTS",
        ("http://feeds.internal", "feeds.internal/x", "h:0", "a b", "u@h", "*"),
        "host names, each perhaps with a port",
    ),
    ("SHOP_CACHE_SECONDS", ("-5", "1e3", "9" * 30), "a whole number above 0"),
]


def write_env(folder: Path, content: bytes) -> Path:
    file = folder / ".env"
    file.write_bytes(content)
    return file


@pytest.mark.parametrize("column", range(3))
def test_every_wrong_value_is_named_with_what_would_be_right(column: int, tmp_path: Path) -> None:
    wrong = {variable: values[column] for variable, values, _ in WRONG}

    started = manage(
        "check", settings="settings_prod", environment={**COMPLETE, **wrong}, folder=tmp_path
    )

    assert started.returncode == 1
    sentences = started.stderr.splitlines()
    assert sentences[0].startswith("Production cannot start")
    for variable, value in wrong.items():
        [sentence] = [line for line in sentences if line.startswith(f"- {variable} is ")]
        expected = next(text for name, _, text in WRONG if name == variable)
        assert f"; it must be {expected}" in sentence
        assert value in sentence or "its value is not shown" in sentence
    assert "Traceback" not in started.stderr
    assert HIDDEN not in started.stderr


@pytest.mark.parametrize(
    "program",
    [
        ("-m", "celery", "--app", "ecommerce_rec", "beat", "--pidfile="),
        ("-c", "import ecommerce_rec.wsgi"),
        ("-c", "import ecommerce_rec.asgi"),
        ("-m", "ecommerce_rec.serve", "--port", "1"),
    ],
)
def test_every_program_of_the_shop_ends_with_the_sentence(
    program: tuple[str, ...], tmp_path: Path
) -> None:
    started = subprocess.run(
        [sys.executable, *program],
        cwd=ROOT,
        env=os.environ
        | COMPLETE
        | {
            "DJANGO_SETTINGS_MODULE": "ecommerce_rec.settings_prod",
            "VAR_DIR": str(tmp_path),
            "EMAIL_PORT": "smtp",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert started.returncode == 1
    assert started.stderr.splitlines()[1:] == [
        "- EMAIL_PORT is 'smtp'; it must be a port, from 1 to 65535."
    ]


@pytest.mark.parametrize("variable", ["VAR_DIR", "STATIC_ROOT"])
def test_a_folder_that_cannot_be_written_stops_the_start(variable: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    started = manage(
        "check",
        settings="settings_dev",
        environment={variable: str(tmp_path / "file" / "var")},
        folder=tmp_path,
    )

    assert started.returncode == 1
    assert f"- {variable} is '{tmp_path}/file/var', where nothing can be written" in started.stderr
    assert "Traceback" not in started.stderr


def test_lists_may_have_spaces_and_empty_places(tmp_path: Path) -> None:
    shown = manage(
        "shell",
        "--no-imports",
        "-c",
        "from django.conf import settings\n"
        "print(settings.ALLOWED_HOSTS, settings.CSRF_TRUSTED_ORIGINS)\n"
        "print(settings.CORS_ALLOWED_ORIGINS)",
        settings="settings_prod",
        environment={
            **COMPLETE,
            "ALLOWED_HOSTS": " a.example, b.example ,",
            "CSRF_TRUSTED_ORIGINS": "https://a.example, https://*.b.example",
            "CORS_ALLOWED_ORIGINS": "https://a.example , http://localhost:5173",
        },
        folder=tmp_path,
    )

    assert shown.stdout.splitlines() == [
        "['a.example', 'b.example'] ['https://a.example', 'https://*.b.example']",
        "['https://a.example', 'http://localhost:5173']",
    ]


@pytest.mark.parametrize(
    "key",
    [
        "short",
        "a" * 60,
        "abcdefghij" * 6,
        "0123456789" * 6,
        "qwertyuiopasdfghjklzxcvbnm" * 2,
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        "django-insecure-0f$k2w)z9q@x7v&b1m#n5c!e3r8t6y4u(p*h+j=d-gls",
        "this-is-the-secret-key-of-our-shop-and-nobody-knows-it-yet",
        "python -c 'import secrets; print(secrets.token_urlsafe(50))'",
    ],
)
def test_a_key_that_can_be_guessed_is_known_as_such(key: str) -> None:
    assert is_key_guessable(key)


@pytest.mark.parametrize(
    "key",
    [
        "Xq2v8LkJ0s9_dP4mTzR7-bYwC3hNfG6uE1aKoViQxZ5rMtBjDnHy",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "0f$k2w)z9q@x7v&b1m#n5c!e3r8t6y4u(p*h+j=d-gls%x^w2o8a",
    ],
)
def test_a_random_key_is_accepted(key: str) -> None:
    assert not is_key_guessable(key)


def test_the_key_of_a_development_shop_is_not_one_for_production(tmp_path: Path) -> None:
    manage("check", settings="settings_dev", environment={}, folder=tmp_path)
    copied = {**COMPLETE, "SECRET_KEY": (tmp_path / "secret_key").read_text()}

    started = manage("check", settings="settings_prod", environment=copied, folder=tmp_path)

    assert started.returncode == 1
    assert "- SECRET_KEY is the key of a development shop; make one" in started.stderr
    assert copied["SECRET_KEY"] not in started.stderr


@pytest.mark.parametrize(
    ("address", "common"),
    [
        ("postgres://shop:password@localhost:5432/shop", True),
        ("postgres://shop:shop@localhost/shop", True),
        ("redis://:changeme@cache/0", True),
        ("postgres://shop@localhost/shop", False),
        ("redis://:hT8w3kPz@cache/0", False),
    ],
)
def test_a_password_that_everybody_tries_first_is_known_as_such(address: str, common: bool) -> None:
    assert has_common_password(address) is common


def test_a_file_of_settings_may_have_quotes_blanks_comments_and_windows_line_ends(
    tmp_path: Path,
) -> None:
    file = write_env(
        tmp_path,
        b"\xef\xbb\xbfSHOP_NAME=\"Halm & Co\"\r\nEMAIL_PORT = 25\r\nexport LOG_LEVEL='INFO'\r\n"
        b"NUM_PROXIES=1 # nginx\r\n\r\n# REDIS_URL=x\r\nSECRET_KEY='a#b $c'\r\nSTATIC_ROOT=\r\n",
    )
    variables = {"LOG_LEVEL": "ERROR"}

    environment = Environment(variables, file)

    assert environment.problems == []
    assert variables == {
        "SHOP_NAME": "Halm & Co",
        "EMAIL_PORT": "25",
        "LOG_LEVEL": "ERROR",
        "NUM_PROXIES": "1",
        "SECRET_KEY": "a#b $c",
        "STATIC_ROOT": "",
    }


def test_a_line_that_sets_nothing_is_named_without_its_text(tmp_path: Path) -> None:
    file = write_env(tmp_path, f'EMAIL_PORT=25\nSECRET KEY={HIDDEN}\nCITY="{HIDDEN}\n'.encode())

    environment = Environment({}, file)

    assert [problem.partition(";")[0] for problem in environment.problems] == [
        ".env has a line 2 that sets nothing",
        ".env has a line 3 that sets nothing",
    ]
    assert HIDDEN not in "".join(environment.problems)


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    file = write_env(tmp_path, "SHOP_NAME=Käthe".encode("latin-1"))

    [problem] = Environment({}, file).problems

    assert problem.startswith(f"{file} cannot be read")
    assert problem.endswith("it must be a text in UTF-8.")


@pytest.mark.parametrize(
    ("variable", "sentence"),
    [
        ("EMAIL_HOST", "There is no mail server: nobody gets a link for a new password"),
        ("NUM_PROXIES", "All visitors share the address of the proxy"),
    ],
)
def test_production_says_what_it_should_have_but_can_do_without(
    variable: str, sentence: str, tmp_path: Path
) -> None:
    checked = manage(
        "check", settings="settings_prod", environment={**COMPLETE, variable: ""}, folder=tmp_path
    )

    assert checked.returncode == 0
    assert sentence in checked.stderr
    assert f"Set {variable}" in checked.stderr


@pytest.mark.parametrize("count", ["0", "-3", "many", "1000"])
def test_a_wrong_number_of_web_processes_is_refused_in_a_sentence(
    count: str, tmp_path: Path
) -> None:
    started = subprocess.run(
        [sys.executable, "-m", "ecommerce_rec.serve", "--port", "1"],
        cwd=ROOT,
        env=os.environ | {"GRANIAN_WORKERS": count, "VAR_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert started.returncode == 2
    assert f"'{count}' is not a number of processes; it must be a whole" in started.stderr


@pytest.mark.parametrize("port", ["0", "99999", "http"])
def test_a_wrong_port_is_refused_in_a_sentence(port: str, tmp_path: Path) -> None:
    started = subprocess.run(
        [sys.executable, "-m", "ecommerce_rec.serve", "--port", port],
        cwd=ROOT,
        env=os.environ | {"VAR_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert started.returncode == 2
    assert f"'{port}' is not a port; it must be a whole number from 1 to 65535" in started.stderr
