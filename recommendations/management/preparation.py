"""From an empty folder to a shop that can open: tables, products, a model, ways in."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.core.management import call_command

from recommendations.conf import configuration
from recommendations.errors import ArtifactError, ShopError
from recommendations.management.progress import progress_bars
from recommendations.models import Product
from recommendations.services.people.demo import Secret, ensure_demo_staff, ensure_demo_token
from recommendations.services.training.registry import get_artifact_folder, get_live_version


@dataclass(frozen=True, slots=True)
class DemoSecrets:
    """What lets people and programs into a demo shop."""

    staff_password: Secret
    token: Secret


def prepare_shop(*, folder: Path, say: Callable[[str], None]) -> DemoSecrets | None:
    """Do whatever is still missing before the shop can open; what is there stays as it is.

    Sample data and ways in belong to the demo: a shop with demo sign-in off gets neither, and
    None is returned.

    Args:
        folder: Where the ways in are kept.
        say: Told in a sentence what takes a while.
    """
    call_command("migrate", interactive=False, verbosity=0)
    demo = configuration().demo_sign_in
    if not (Product.objects.exists() and _has_live_model()):
        if demo:
            _fill(say)
        _train(say)
    if not demo:
        return None
    return DemoSecrets(staff_password=ensure_demo_staff(folder), token=ensure_demo_token(folder))


def _has_live_model() -> bool:
    """Whether a version is live and this release reads its artifact."""
    version = get_live_version()
    if version is None:
        return False
    from recommendations.ml.artifacts import read_manifest  # noqa: PLC0415

    try:
        read_manifest(get_artifact_folder(version.name))
    except ArtifactError:
        return False
    return True


# Generators and trainers are needed once. Loading them only then spares every later start a second.


def _fill(say: Callable[[str], None]) -> None:
    """Fill a shop that has no products, or whose sample data was interrupted."""
    from recommendations.sample_data import is_unfinished, populate  # noqa: PLC0415

    unfinished = is_unfinished()
    if unfinished or not Product.objects.exists():
        say("The shop is empty and gets sample products, shoppers and their interactions.")
        with progress_bars(sys.stderr) as progress:
            populate(flush=unfinished, progress=progress)


def _train(say: Callable[[str], None]) -> None:
    """Train on what there is; a shop without a model opens too, with trending and new products."""
    from recommendations.services.training.train import train  # noqa: PLC0415

    say("There is no trained model that this release reads: training one.")
    try:
        with progress_bars(sys.stderr) as progress:
            version = train(progress=progress)
    except ShopError as error:
        say(f"The shop opens without a model. {error}")
    else:
        say(f"Model {version.name} is {version.state}.")
