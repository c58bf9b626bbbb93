"""The settings of a shop: one validated, immutable object with its defaults documented here.

Read it through `configuration()`. Each field is set by a variable of the environment, whose name
`get_variable_name` returns. `settings.RECOMMENDATIONS` holds what the environment sets.
"""

import re
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

from recommendations.choices import InteractionType
from recommendations.currencies import DECIMALS
from recommendations.setting_types import (
    COUNT,
    FOLDER,
    LARGEST_FACTOR,
    NOT_NEGATIVE,
    POSITIVE,
    SHARE,
    SWITCH,
    TEXT,
    SettingType,
)

PRESETS = ("default", "fast", "full", "neural")
LANGUAGES = ("en", "de")
"""The languages of the storefront."""
SEARCH_LANGUAGES = ("da", "de", "en", "es", "fi", "fr", "hu", "it", "nl", "no", "pt", "ro", "sv")
"""The languages whose inflections search can know."""


class FooterLink(NamedTuple):
    """A link in the storefront's footer."""

    label: str
    url: str


def _parse_pairs(text: str) -> list[tuple[str, str]]:
    pairs = [pair.partition("=") for pair in text.split(",")]
    return [(name.strip(), value.strip()) for name, _, value in pairs]


def _parse_weights(text: str) -> dict[InteractionType, float]:
    pairs = _parse_pairs(text)
    weights = {InteractionType(name): float(weight) for name, weight in pairs}
    if len(weights) != len(pairs):
        raise ValueError("An interaction type is named twice.")
    return weights


def _parse_links(text: str) -> tuple[FooterLink, ...]:
    return tuple(FooterLink(label, url) for label, url in _parse_pairs(text))


def _parse_hosts(text: str) -> tuple[str, ...]:
    return tuple(host.strip().lower() for host in text.split(",") if host.strip())


def _are_hosts(hosts: tuple[str, ...]) -> bool:
    return all(_HOST.fullmatch(host) for host in hosts)


def _are_weights(weights: Mapping[InteractionType, float]) -> bool:
    return (
        set(weights) == set(InteractionType)
        and all(0 <= weight <= LARGEST_FACTOR for weight in weights.values())
        and any(weights.values())
    )


def _are_links(links: tuple[FooterLink, ...]) -> bool:
    return all(
        link.label and link.url.startswith(("https://", "http://", "mailto:", "/"))
        for link in links
    )


_time_zones = cache(available_timezones)
_HOST = re.compile(r"([a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?")

PRESET = SettingType(f"one of {', '.join(PRESETS)}", PRESETS.__contains__, str)
LANGUAGES_OF_TEXTS = SettingType(
    f"one or several of {', '.join(SEARCH_LANGUAGES)}, such as en,de",
    lambda names: bool(names) and set(names) <= set(SEARCH_LANGUAGES),
    lambda text: tuple(name.strip() for name in text.split(",")),
)
LANGUAGE = SettingType(f"one of {', '.join(LANGUAGES)}", LANGUAGES.__contains__, str)
CURRENCY = SettingType("the ISO 4217 code of a currency, such as EUR", DECIMALS.__contains__, str)
TIME_ZONE = SettingType(
    "a name of the IANA time zone database, such as Europe/Berlin",
    lambda value: value in _time_zones(),
    str,
)
WEIGHTS = SettingType(
    "a weight of 0 or more for each type of interaction, not all of them 0, such as "
    + ",".join(f"{each}={each.default_weight:g}" for each in InteractionType),
    _are_weights,
    _parse_weights,
)
LINKS = SettingType(
    "pairs of a label and an address that begins with https://, http://, mailto: or /, such as "
    "Imprint=https://shop.example/imprint,Privacy=/privacy (a comma in an address is %2C)",
    _are_links,
    _parse_links,
)


HOSTS = SettingType(
    "host names, each perhaps with a port, separated by commas, such as "
    "feeds.internal,10.0.0.7:8080",
    _are_hosts,
    _parse_hosts,
)


def _get_default_weights() -> dict[InteractionType, float]:
    return {each: each.default_weight for each in InteractionType}


def _declare_setting(setting_type: SettingType, default: Any, **metadata: Any) -> Any:
    return field(default=default, metadata={"type": setting_type, **metadata})


@dataclass(frozen=True)
class Configuration:
    """Everything that a shop may set about itself and about recommending."""

    artifacts_dir: Path = field(metadata={"type": FOLDER})
    """Folder of trained models."""

    shop_name: str = _declare_setting(TEXT, "Magpie")
    """Name of the shop in pages, titles, mails and the admin."""

    currency: str = _declare_setting(CURRENCY, "USD")
    """ISO 4217 code of every price."""

    time_zone: str = _declare_setting(TIME_ZONE, "UTC")
    """Time zone of the admin's times and of the log. The API's times are in UTC."""

    language: str = _declare_setting(LANGUAGE, "en")
    """Language of the storefront for browsers that ask for none of the storefront's languages."""

    search_languages: tuple[str, ...] = _declare_setting(LANGUAGES_OF_TEXTS, ("en", "de"))
    """Languages of the catalogue: search finds their inflections, such as plurals."""

    search_by_meaning: bool = _declare_setting(SWITCH, False)
    """Whether search also compares the meaning of texts; needs `requirements-meaning.txt`."""

    picture_vectors: bool = _declare_setting(SWITCH, False)
    """Whether products are compared by their pictures; needs `requirements-pictures.txt`."""

    search_learns: bool = _declare_setting(SWITCH, False)
    """Whether what shoppers choose after a query lifts these products for the query."""

    footer_links: tuple[FooterLink, ...] = _declare_setting(LINKS, ())
    """Links in the storefront's footer."""

    demo_sign_in: bool = _declare_setting(SWITCH, False, variable="DEMO_SIGN_IN")
    """Whether visitors may sign in as a demo shopper without a password."""

    preset: str = _declare_setting(PRESET, "default")
    """Which recommenders are trained. `default` blends collaborative filtering and matrix
    factorization with the two weights below; `fast`, `full` and `neural` add other recommenders,
    and training tunes the weights of all on held-out interactions. `neural` needs
    `requirements-neural.txt` where models are trained."""

    collaborative_weight: float = _declare_setting(NOT_NEGATIVE, 0.7)
    """Weight of collaborative filtering in the preset `default`."""

    factorization_weight: float = _declare_setting(NOT_NEGATIVE, 0.3)
    """Weight of matrix factorization in the preset `default`."""

    interaction_weights: Mapping[InteractionType, float] = field(
        default_factory=_get_default_weights, metadata={"type": WEIGHTS}
    )
    """How much an interaction of each type says about taste."""

    decay_per_day: float = _declare_setting(NOT_NEGATIVE, 0.1)
    """Rate of the exponential decay of interactions: a day multiplies a weight by exp(-rate)."""

    history_length: int = _declare_setting(COUNT, 50)
    """How many of a subject's latest interactions a list is made from."""

    trending_half_life_days: float = _declare_setting(POSITIVE, 3.0)
    """Age at which an interaction counts half for trending."""

    cache_seconds: int = _declare_setting(COUNT, 1800)
    """Longest life of a cached list."""

    retrain_after_interactions: int = _declare_setting(COUNT, 500)
    """New interactions that make a retraining due."""

    retrain_after_hours: float = _declare_setting(POSITIVE, 24.0)
    """Age of the live model at which a retraining is due, if there is any new interaction."""

    keep_model_versions: int = _declare_setting(COUNT, 3)
    """Model versions whose artifacts stay on disk."""

    keep_rejected_hours: float = _declare_setting(POSITIVE, 24.0)
    """How long a rejected model version keeps its artifact, so that staff can look at it."""

    coverage_floor: float = _declare_setting(SHARE, 0.5)
    """Least ratio of different products in a new model's lists to those in the live model's; with
    fewer, the new model is rejected. 0 rejects none."""

    served_log_keep_days: float = _declare_setting(POSITIVE, 90.0)
    """How long the log of served lists is kept."""

    served_log_flush_seconds: float = _declare_setting(POSITIVE, 1.0)
    """How long a process collects records of served lists, and of searches, before it writes them
    in one batch."""

    search_log_keep_days: float = _declare_setting(POSITIVE, 90.0)
    """How long the log of searches and the counts of queries are kept."""

    attribution_days: int = _declare_setting(COUNT, 7)
    """How many days after a list was served clicks and orders are put down to it."""

    internal_hosts: tuple[str, ...] = _declare_setting(HOSTS, ())
    """Hosts of the shop's own network from which feeds and pictures may be fetched. One without a
    port stands for the ports 80 and 443."""

    @cached_property
    def fingerprint(self) -> str:
        """All values as one text, for cache keys; computed once."""
        return repr(self)

    @cached_property
    def currency_decimals(self) -> int:
        """How many decimals an amount of money has."""
        return DECIMALS[self.currency]

    def __post_init__(self) -> None:
        problems = [
            setting.metadata["type"].describe_problem(
                get_variable_name(setting), getattr(self, setting.name)
            )
            for setting in fields(self)
            if not setting.metadata["type"].accepts(getattr(self, setting.name))
        ]
        if self.collaborative_weight == self.factorization_weight == 0:
            problems.append(
                "SHOP_COLLABORATIVE_WEIGHT and SHOP_FACTORIZATION_WEIGHT are both 0; "
                "one of them must be above 0."
            )
        if self.attribution_days >= self.served_log_keep_days:
            problems.append(
                "SHOP_ATTRIBUTION_DAYS must be below SHOP_SERVED_LOG_KEEP_DAYS: orders are put "
                "down to lists that the log still has."
            )
        if problems:
            raise ImproperlyConfigured("\n".join(problems))


def get_variable_name(setting: Field[Any]) -> str:
    """Return the name of the variable that sets a field.

    The rule is `SHOP_` and the field's name in capitals: `currency` is `SHOP_CURRENCY`, and
    `shop_name` is `SHOP_NAME`. `DEMO_SIGN_IN` is the one exception.
    """
    variable: str = setting.metadata.get(
        "variable", f"SHOP_{setting.name.removeprefix('shop_').upper()}"
    )
    return variable


def read_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields that an environment sets, by name; an empty variable sets nothing.

    Raises:
        ImproperlyConfigured: Some values are wrong; the message has a sentence for each.
    """
    values: dict[str, Any] = {}
    problems = []
    for setting in fields(Configuration):
        text = environment.get(get_variable_name(setting), "").strip()
        if not text:
            continue
        try:
            values[setting.name] = setting.metadata["type"].read(get_variable_name(setting), text)
        except ImproperlyConfigured as problem:
            problems.append(str(problem))
    if problems:
        raise ImproperlyConfigured("\n".join(problems))
    return values


@lru_cache(maxsize=1)
def configuration() -> Configuration:
    """Return the settings in force."""
    values: dict[str, Any] = dict(settings.RECOMMENDATIONS)
    unknown = set(values) - {known.name for known in fields(Configuration)}
    if unknown:
        raise ImproperlyConfigured(f"RECOMMENDATIONS has no setting {', '.join(sorted(unknown))}.")
    return Configuration(**values)


def _clear_cache(*, setting: str, **_: object) -> None:
    if setting == "RECOMMENDATIONS":
        configuration.cache_clear()


# Only `override_settings` in tests sends this signal.
setting_changed.connect(_clear_cache)
