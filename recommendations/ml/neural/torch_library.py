"""PyTorch, which trains the neural recommenders; an extra, and needed by nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from recommendations.errors import TrainingLibraryError
from recommendations.sentences import say

LIBRARY = "torch"


def require_torch() -> None:
    """Raise TrainingLibraryError if PyTorch is not installed."""
    if find_spec(LIBRARY) is None:
        raise TrainingLibraryError(
            say(
                "The preset neural learns with PyTorch, which is not installed: run "
                "`pip install -r requirements-neural.txt` where models are trained, or choose "
                "another SHOP_PRESET. A trained model is served without it."
            )
        )


@contextmanager
def seed_torch(seed: int) -> Iterator[Any]:
    """Yield PyTorch with one thread and this seed; both are as they were after the block.

    One thread sums in one order, so the same seed gives the same weights on every machine of a
    kind, however busy it is.

    Raises:
        TrainingLibraryError: PyTorch is not installed.
    """
    require_torch()
    torch = import_module(LIBRARY)
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            yield torch
    finally:
        torch.set_num_threads(n_threads)
