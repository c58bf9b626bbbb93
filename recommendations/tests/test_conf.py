from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from recommendations import conf
from recommendations.ml import presets


def test_the_settings_know_every_preset_there_is() -> None:
    assert set(conf.PRESETS) == set(presets.PRESETS)


def test_a_preset_that_is_not_there_is_refused_by_name(settings: Any) -> None:
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "preset": "magic"}

    with pytest.raises(ImproperlyConfigured, match="no preset magic; there are default, fast"):
        conf.configuration()
