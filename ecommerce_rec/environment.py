"""Reads the settings from the environment and from `.env`; stops the start if some are wrong."""

import re
import stat
from collections.abc import Callable, Iterable, MutableMapping
from email.utils import parseaddr
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ImproperlyConfigured
from dotenv.parser import parse_stream

from recommendations.conf import Configuration, read_environment
from recommendations.setting_types import SettingType

Value = TypeVar("Value")

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


def _parse_list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _each_matches(pattern: str) -> Callable[[Iterable[str]], bool]:
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda texts: all(compiled.fullmatch(text) for text in texts)


def _split_address(text: str) -> SplitResult:
    """Return the parts of an address; none if a `/`, `?` or `#` in a password cuts it short."""
    try:
        address = urlsplit(text)
        # Reading the port checks it.
        is_cut_short = address.port == 0 or "#" in text
    except ValueError:
        return urlsplit("")
    return urlsplit("") if is_cut_short else address


def _is_database(text: str) -> bool:
    address = _split_address(text)
    is_server = address.scheme in {"postgres", "postgresql"}
    return text.startswith("sqlite:") or (is_server and bool(re.fullmatch("/[^/]+", address.path)))


def _is_redis(text: str) -> bool:
    address = _split_address(text)
    is_server = address.scheme in {"redis", "rediss"} and bool(address.hostname)
    return is_server and bool(re.fullmatch(r"(/\d*)?", address.path))


def _is_broker(text: str) -> bool:
    address = _split_address(text)
    is_queue = address.scheme in {"amqp", "amqps"} and bool(address.hostname)
    return text in {"filesystem://", "memory://"} or is_queue or _is_redis(text)


def _is_sender(text: str) -> bool:
    return text.isprintable() and "@" in parseaddr(text)[1]


def _is_project(text: str) -> bool:
    address = _split_address(text)
    is_whole = address.hostname and address.username and address.path.strip("/")
    return address.scheme in {"http", "https"} and bool(is_whole)


def _is_artifact_storage(text: str) -> bool:
    address = _split_address(text)
    is_folder = address.scheme == "file" and not address.netloc and len(address.path) > 1
    is_bucket = address.scheme == "s3" and bool(re.fullmatch(r"[a-z0-9.-]+", address.netloc))
    return (is_folder or is_bucket) and not address.query


def _is_service(text: str) -> bool:
    address = _split_address(text)
    return address.scheme in {"http", "https"} and bool(address.hostname)


ANY_TEXT = SettingType("a line of text", str.isprintable, str)
SECRET_TEXT = SettingType("a line of text", str.isprintable, str, secret=True)
KEYS = SettingType(
    "secret keys of 50 characters or more, separated by commas",
    lambda keys: all(len(key) >= 50 and key.isprintable() for key in keys),
    _parse_list,
    secret=True,
)
PROJECT = SettingType(
    "the address (DSN) of a project, such as https://key@sentry.example/1",
    _is_project,
    str,
    secret=True,
)
HOSTS = SettingType(
    "host names without scheme, port and path, separated by commas, such as "
    "shop.example,www.shop.example",
    _each_matches(r"\*|\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]"),
    _parse_list,
)
ORIGINS = SettingType(
    "scheme and host without a path, separated by commas, such as https://shop.example",
    _each_matches(r"https?://(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*(:\d+)?"),
    _parse_list,
)
LIMIT = SettingType(
    "a whole number from 0, which means no limit, to 1000000000",
    lambda value: 0 <= value <= 1_000_000_000,
    int,
)
SECONDS = SettingType(
    "a whole number of seconds from 0 to 1000000000",
    lambda value: 0 <= value <= 1_000_000_000,
    int,
)
PROXIES = SettingType(
    "the number of proxies in front, a whole number from 0 to 10", range(11).__contains__, int
)
PORT = SettingType("a port, from 1 to 65535", range(1, 65_536).__contains__, int)
LEVEL = SettingType(f"one of {', '.join(LEVELS)}", LEVELS.__contains__, str.upper)
SENDER = SettingType("an e-mail address, such as shop@shop.example", _is_sender, str)
ESCAPED = "in a password, other characters than letters and digits are written like %2F"
DATABASE = SettingType(
    "an address such as postgres://user:password@host:5432/name or sqlite:////srv/shop.sqlite3; "
    + ESCAPED,
    _is_database,
    str,
    secret=True,
)
SERVER = SettingType(
    f"an address such as postgres://user:password@host:5432/name; {ESCAPED}",
    lambda text: _is_database(text) and not text.startswith("sqlite:"),
    str,
    secret=True,
)
REDIS = SettingType(
    f"an address such as redis://:password@host:6379/0, or rediss:// for TLS; {ESCAPED}",
    _is_redis,
    str,
    secret=True,
)
BROKER = SettingType(
    "an address such as redis://:password@host:6379/1 or amqp://user:password@host/shop; "
    + ESCAPED,
    _is_broker,
    str,
    secret=True,
)


ARTIFACT_STORAGE = SettingType(
    "a folder that all hosts share, such as file:///mnt/artifacts, or a bucket, such as "
    "s3://bucket/shop",
    _is_artifact_storage,
    str,
)
SERVICE = SettingType("an address such as https://s3.example:9000", _is_service, str)


class Environment:
    """Reads variables of the process and, for those that it lacks, of a file.

    A wrong variable counts as unset until `require_right_values` stops the start with a sentence
    for each.
    """

    def __init__(self, variables: MutableMapping[str, str], file: Path) -> None:
        self.variables = variables
        self.problems: list[str] = []
        for name, value in self._read_file(file):
            variables.setdefault(name, value)

    def read(self, variable: str, setting_type: SettingType, default: Value) -> Value:
        """Return the value of a variable; `default` if it is unset, empty or wrong."""
        text = self.variables.get(variable, "").strip()
        if not text:
            return default
        try:
            value: Value = setting_type.read(variable, text)
        except ImproperlyConfigured as problem:
            self.problems.append(str(problem))
            return default
        return value

    def is_set(self, variable: str) -> bool:
        """Return whether a variable has a value, right or wrong; separators alone are none."""
        return self.variables.get(variable, "").strip(" \t,") != ""

    def read_configuration(self, artifacts_dir: Path) -> dict[str, Any]:
        """Return the fields of `Configuration` that the variables set, and the folder of models."""
        values: dict[str, Any] = {"artifacts_dir": artifacts_dir}
        try:
            values |= read_environment(self.variables)
            Configuration(**values)
        except ImproperlyConfigured as problem:
            self.problems += str(problem).splitlines()
        return values

    def prepare_folder(self, variable: str, folder: Path) -> None:
        """Make a folder that only the shop's own account may enter, unless it exists."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if folder.stat().st_mode & stat.S_ISVTX:
                self.problems.append(
                    f"{variable} is {str(folder)!r}, which all accounts of this machine share; "
                    "it must be a folder of the shop's own, such as one inside of it."
                )
            (folder / ".writable").touch()
            (folder / ".writable").unlink()
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            self.problems.append(
                f"{variable} is {str(folder)!r}, where nothing can be written ({reason}); "
                "it must be a folder that the shop's account may write to."
            )

    def require_right_values(self) -> None:
        """Stop the start with a sentence for each wrong variable."""
        if self.problems:
            stop_start(
                "The shop cannot start; .env.example says what each setting means.", self.problems
            )

    def _read_file(self, file: Path) -> Iterable[tuple[str, str]]:
        try:
            with file.open(encoding="utf-8-sig") as stream:
                bindings = list(parse_stream(stream))
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as error:
            self.problems.append(f"{file} cannot be read ({error}); it must be a text in UTF-8.")
            return []
        self.problems += [
            f"{file.name} has a line {binding.original.line} that sets nothing; write NAME=value, "
            "and a value with a blank, a quote or # in it as NAME='value'."
            for binding in bindings
            if binding.error
        ]
        return [(one.key, one.value) for one in bindings if one.key and one.value is not None]


def stop_start(headline: str, problems: Iterable[str]) -> NoReturn:
    """End the process with a headline and sentences instead of a traceback.

    Every program that reads the settings ends in this way: commands, web server, worker.
    """
    raise SystemExit("\n- ".join([headline, *problems]))
