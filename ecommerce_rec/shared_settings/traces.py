"""Where traces go, and of how many requests."""

from importlib.util import find_spec

from ecommerce_rec.environment import SECRET_TEXT, SERVICE
from ecommerce_rec.shared_settings.base import env
from recommendations.setting_types import SHARE


def read_traces() -> tuple[str, str, float]:
    """Return the address of the collector, empty without one, its headers, and the share traced."""
    collector = env.read("TRACES_COLLECTOR", SERVICE, "")
    headers = env.read("TRACES_HEADERS", SECRET_TEXT, "")
    share = env.read("TRACES_SHARE", SHARE, 1.0)
    if collector and find_spec("opentelemetry") is None:
        env.problems.append("TRACES_COLLECTOR needs the packages of requirements-traces.txt.")
        return "", headers, share
    return collector, headers, share
