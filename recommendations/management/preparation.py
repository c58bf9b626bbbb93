"""Prepare a shop: tables and a model, and for a demo sample data, a staff account and a token."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.core.management import call_command

from recommendations.conf import configuration
from recommendations.errors import ShopError
from recommendations.management.progress import show_progress_bars
from recommendations.models import Product
from recommendations.services.insight.upkeep import keep_figures
from recommendations.services.people.demo import Secret, ensure_demo_staff, ensure_demo_token
from recommendations.services.training.registry import find_live_damage, share_live_artifact


@dataclass(frozen=True, slots=True)
class DemoSecrets:
    """The password of the demo's staff account, and the demo's token."""

    staff_password: Secret
    token: Secret


def prepare_shop(*, folder: Path, announce: Callable[[str], None]) -> DemoSecrets | None:
    """Add what the shop still needs before it can open, and change nothing that exists.

    With demo sign-in off, add no sample data, staff account or token, and return None.

    Args:
        folder: Folder of the files with the demo's secrets.
        announce: Called with a sentence before each step that takes long.
    """
    call_command("migrate", interactive=False, verbosity=0)
    share_live_artifact()
    demo = configuration().demo_sign_in
    if not (Product.objects.exists() and find_live_damage() is None):
        if demo:
            _populate(announce)
        _train(announce)
        keep_figures()
    if not demo:
        return None
    return DemoSecrets(staff_password=ensure_demo_staff(folder), token=ensure_demo_token(folder))


# The imports below are local, because only the first start of a shop needs them: every later start
# is a second faster.


def _populate(announce: Callable[[str], None]) -> None:
    """Add the sample data if the shop has no products; replace sample data that is incomplete."""
    from recommendations.sample_data import is_unfinished, populate  # noqa: PLC0415

    unfinished = is_unfinished()
    if unfinished or not Product.objects.exists():
        announce("The shop is empty: adding sample products, shoppers and interactions.")
        with show_progress_bars(sys.stderr) as progress:
            populate(flush=unfinished, progress=progress)


def _train(announce: Callable[[str], None]) -> None:
    """Train a model; if that fails, say why, because the shop can open without a model."""
    from recommendations.services.training.train import train  # noqa: PLC0415

    announce("There is no trained model that this release can read: training one.")
    try:
        with show_progress_bars(sys.stderr) as progress:
            version = train(progress=progress)
    except ShopError as error:
        announce(f"The shop opens without a model. {error}")
    else:
        announce(f"Model {version.name} is {version.state}.")
