"""The shop's settings: from the environment, validated, documented."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.core.exceptions import ImproperlyConfigured

from recommendations import conf
from recommendations.choices import InteractionType
from recommendations.conf import Configuration, FooterLink, configuration, read_environment
from recommendations.ml import presets

ROOT = Path(project.BASE_DIR)
VARIABLES = {setting.name: conf.get_variable_name(setting) for setting in fields(Configuration)}
# Their defaults depend on other settings, which the documents say in words.
DEFAULTS_IN_WORDS = {
    "SHOP_ARTIFACTS_DIR",
    "SHOP_FOOTER_LINKS",
    "SHOP_INTERNAL_HOSTS",
    "DEMO_SIGN_IN",
}
# The image sets the folders, and production never shows tracebacks.
NOT_FOR_COMPOSE = {"VAR_DIR", "STATIC_ROOT", "METRICS_DIR", "DEBUG"}


def read_example_variables() -> dict[str, str]:
    """Return the variables of `.env.example` with their values."""
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    return dict(re.findall(r"^# ([A-Z][A-Z0-9_]+)=(.*)$", example, re.MULTILINE))


def read_documented_variables() -> dict[str, str]:
    """Return the variables of docs/operations.md with their defaults."""
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^\| `([A-Z0-9_]+)` \| `?(.*?)`? \|", page, re.MULTILINE))


def test_the_settings_know_every_preset_there_is() -> None:
    assert set(conf.PRESETS) == set(presets.PRESETS)


def test_the_settings_know_every_language_of_the_storefront() -> None:
    index = (ROOT / "frontend" / "src" / "i18n" / "index.ts").read_text(encoding="utf-8")
    table = re.search(r"languages = \{(.*?)\}", index)
    assert table is not None

    assert tuple(re.findall(r"(\w+):", table[1])) == conf.LANGUAGES


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("artifacts_dir", "/srv/models", Path("/srv/models")),
        ("shop_name", " Halm & Co ", "Halm & Co"),
        ("currency", "KWD", "KWD"),
        ("time_zone", "Europe/Berlin", "Europe/Berlin"),
        ("language", "de", "de"),
        (
            "footer_links",
            "Imprint=https://shop.example/?a=b, Privacy = /privacy",
            (FooterLink("Imprint", "https://shop.example/?a=b"), FooterLink("Privacy", "/privacy")),
        ),
        ("demo_sign_in", "1", True),
        ("preset", "full", "full"),
        ("collaborative_weight", "0.6", 0.6),
        ("factorization_weight", "0", 0.0),
        (
            "interaction_weights",
            ",".join(f"{each}={position}.5" for position, each in enumerate(InteractionType)),
            {each: position + 0.5 for position, each in enumerate(InteractionType)},
        ),
        ("decay_per_day", "0.05", 0.05),
        ("history_length", "80", 80),
        ("trending_half_life_days", "1.5", 1.5),
        ("cache_seconds", "60", 60),
        ("retrain_after_interactions", "10", 10),
        ("retrain_after_hours", "12", 12.0),
        ("keep_model_versions", "5", 5),
        ("served_log_keep_days", "30", 30.0),
        ("served_log_flush_seconds", "0.5", 0.5),
        ("attribution_days", "14", 14),
    ],
)
def test_the_environment_sets_every_field(name: str, text: str, value: Any) -> None:
    assert read_environment({VARIABLES[name]: text}) == {name: value}


def test_an_empty_variable_leaves_the_default() -> None:
    assert read_environment(dict.fromkeys(VARIABLES.values(), "")) == {}


@pytest.mark.parametrize(
    ("variable", "text", "expected"),
    [
        ("SHOP_NAME", "x" * 101, "a line of 1 to 100 characters"),
        ("SHOP_NAME", "Halm\nBcc: all", "a line of 1 to 100 characters"),
        ("SHOP_CURRENCY", "EURO", "the ISO 4217 code of a currency, such as EUR"),
        ("SHOP_TIME_ZONE", "Berlin", "a name of the IANA time zone database"),
        ("SHOP_LANGUAGE", "fr", "one of en, de"),
        ("SHOP_FOOTER_LINKS", "Imprint", "pairs of a label and an address"),
        ("SHOP_FOOTER_LINKS", "Imprint=javascript:alert(1)", "pairs of a label and an address"),
        ("SHOP_FOOTER_LINKS", "=/imprint", "pairs of a label and an address"),
        ("DEMO_SIGN_IN", "perhaps", "1 or 0"),
        ("SHOP_PRESET", "magic", "one of default, fast, full, neural"),
        ("SHOP_INTERACTION_WEIGHTS", "view=1,like=2,cart=3", "a weight of 0 or more for each"),
        ("SHOP_INTERACTION_WEIGHTS", "view=1,view=1,like=2", "a weight of 0 or more for each"),
        (
            "SHOP_INTERACTION_WEIGHTS",
            "view=1,like=2,cart=3,purchase=-5",
            "a weight of 0 or more for each",
        ),
        (
            "SHOP_INTERACTION_WEIGHTS",
            "view=0,like=0,cart=0,purchase=0",
            "a weight of 0 or more for each",
        ),
        ("SHOP_INTERACTION_WEIGHTS", "glance=1", "a weight of 0 or more for each"),
        ("SHOP_HISTORY_LENGTH", "0", "a whole number above 0"),
        ("SHOP_HISTORY_LENGTH", "1.5", "a whole number above 0"),
        ("SHOP_RETRAIN_AFTER_HOURS", "inf", "a number above 0"),
        ("SHOP_DECAY_PER_DAY", "-0.1", "a number, 0 or more"),
        ("SHOP_DECAY_PER_DAY", "nan", "a number, 0 or more"),
    ],
)
def test_a_wrong_value_is_refused_with_what_would_be_right(
    variable: str, text: str, expected: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        read_environment({variable: text})

    assert str(refusal.value).startswith(f"{variable} is {text!r}; it must be {expected}")


def test_all_wrong_values_are_named_at_once() -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        read_environment({"SHOP_PRESET": "magic", "SHOP_LANGUAGE": "fr"})

    assert len(str(refusal.value).splitlines()) == 2


def test_a_wrong_override_is_refused_like_a_wrong_variable(settings: Any) -> None:
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "preset": "magic"}

    with pytest.raises(ImproperlyConfigured, match="SHOP_PRESET is 'magic'; it must be one of"):
        configuration()


def test_an_override_of_no_field_is_refused_by_name(settings: Any) -> None:
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "prest": "fast"}

    with pytest.raises(ImproperlyConfigured, match="has no setting prest"):
        configuration()


def test_one_recommender_of_the_default_preset_must_count(settings: Any) -> None:
    settings.RECOMMENDATIONS = {
        **settings.RECOMMENDATIONS,
        "collaborative_weight": 0.0,
        "factorization_weight": 0.0,
    }

    with pytest.raises(ImproperlyConfigured, match="are both 0; one of them must be above 0"):
        configuration()


def test_the_example_and_the_documentation_name_every_field_with_its_default() -> None:
    example, documented = read_example_variables(), read_documented_variables()
    default = Configuration(artifacts_dir=Path())

    for name, variable in VARIABLES.items():
        assert variable in example, f"{variable} is missing in .env.example."
        assert variable in documented, f"{variable} is missing in docs/operations.md."
        if variable not in DEFAULTS_IN_WORDS:
            assert documented[variable] == example[variable]
            assert read_environment({variable: example[variable]})[name] == getattr(default, name)


def test_the_example_and_the_documentation_name_the_same_variables() -> None:
    assert set(read_documented_variables()) == set(read_example_variables())


def test_every_variable_that_the_settings_read_is_in_the_example() -> None:
    read = {
        name
        for module in (ROOT / "ecommerce_rec").rglob("*.py")
        for name in re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', module.read_text(encoding="utf-8"))
    }

    assert read <= set(read_example_variables())


def test_the_production_compose_file_passes_on_every_variable() -> None:
    compose = (ROOT / "docker-compose.prod.yml").read_text(encoding="utf-8")
    passed = set(re.findall(r"^    ([A-Z0-9_]+):", compose, re.MULTILINE))
    used = set(re.findall(r"\$\{([A-Z_]+)", compose))

    assert set(read_example_variables()) - passed - used == NOT_FOR_COMPOSE


def test_the_local_compose_file_passes_on_every_field_of_the_configuration() -> None:
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    passed = set(re.findall(r"^    ([A-Z0-9_]+):", compose, re.MULTILINE))

    assert {conf.get_variable_name(each) for each in fields(Configuration)} <= passed
