"""Results of an analysis in JSON's types, as reports store them."""

from dataclasses import asdict, is_dataclass
from enum import Enum
from math import isfinite
from typing import Any

import numpy as np


def to_json(value: Any) -> Any:  # noqa: PLR0911 - one for each type
    """Return the value in JSON's types; a number that is none becomes null."""
    if is_dataclass(value) and not isinstance(value, type):
        return to_json(asdict(value))
    if isinstance(value, dict):
        return {str(key): to_json(each) for key, each in value.items()}
    if isinstance(value, np.ndarray):
        return to_json(value.tolist())
    if isinstance(value, list | tuple):
        return [to_json(each) for each in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float | np.floating):
        return float(value) if isfinite(value) else None
    return value
