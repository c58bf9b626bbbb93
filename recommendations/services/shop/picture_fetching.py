"""Fetch the pictures that sources name by their address, a bounded batch at a time."""

import io
import re
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import NamedTuple

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from recommendations.errors import DownloadError, PictureError
from recommendations.models import PictureAddress
from recommendations.sentences import get_sentence, say
from recommendations.services.infra.downloads import DownloadLimits, download
from recommendations.services.shop.fetched_pictures import (
    FOLDER,
    arrange_pictures,
    lock_products,
)
from recommendations.services.shop.pictures import encode_anew

LIMITS = DownloadLimits(
    kind=say("a photograph (JPEG, PNG, WebP, AVIF or GIF)"),
    # What lies in object stores often has no type of its own; `encode_anew` looks into each file.
    content_types=re.compile(
        r"image/(jpe?g|pjpeg|png|webp|avif|gif)|(application|binary)/octet-stream"
    ),
    most_bytes=15 * 2**20,
    seconds=30,
)
AT_ONCE = 4
BATCH = 2 * AT_ONCE
"""How many pictures are in memory at once, packed."""
SECONDS_PER_RUN = 30.0
MOST_TRIES = 6
FIRST_PAUSE = timedelta(minutes=5)
"""Before the second try; each further pause is four times as long, so that the last is a day."""
CLAIM = timedelta(minutes=15)
"""After this time, others fetch what the process that took it has not fetched: it was killed."""
GIVEN_UP = say("The program ended whenever it fetched this picture.")


class FetchedPictures(NamedTuple):
    """What a run did: pictures that were fetched, and tries that failed."""

    fetched: int
    failed: int


def fetch_due_pictures(*, seconds: float = SECONDS_PER_RUN) -> FetchedPictures:
    """Fetch pictures that are due, a batch at least, until none is left or the time is over."""
    ends_at = time.monotonic() + seconds
    fetched = failed = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while claimed := _claim():
            downloads = [pool.submit(_download, row.address) for row in claimed]
            for row, content in zip(claimed, downloads, strict=True):
                try:
                    # Decoded here, one at a time: a large picture takes much memory.
                    _keep(row, encode_anew(content.result()))
                    fetched += 1
                except (DownloadError, PictureError) as problem:
                    _note_failure(row, problem)
                    failed += 1
            if time.monotonic() >= ends_at:
                break
    return FetchedPictures(fetched, failed)


def _claim() -> list[PictureAddress]:
    """Take addresses that are due, longest first; no other process takes them meanwhile.

    The try counts before it is made: a picture that ends the process must not be tried for ever.
    """
    due = PictureAddress.objects.filter(next_try_at__lte=timezone.now()).order_by("next_try_at")
    claimed = []
    for row in due[:BATCH]:
        is_hopeless = row.tries >= MOST_TRIES
        changes = (
            {"next_try_at": None, "problem": GIVEN_UP}
            if is_hopeless
            else {"next_try_at": timezone.now() + CLAIM, "tries": row.tries + 1}
        )
        taken = PictureAddress.objects.filter(pk=row.pk, next_try_at=row.next_try_at)
        if taken.update(**changes) and not is_hopeless:
            row.tries += 1
            claimed.append(row)
    return claimed


def _download(address: str) -> io.BytesIO:
    content = io.BytesIO()
    download(address, into=content, limits=LIMITS)
    content.seek(0)
    return content


def _keep(row: PictureAddress, content: bytes) -> None:
    """Store the picture and show it."""
    name = f"{FOLDER}{row.product_id}/{row.pk}-{secrets.token_hex(6)}.webp"
    name = default_storage.save(name, ContentFile(content))
    _replace_image(row, name, problem="")


def _note_failure(row: PictureAddress, problem: DownloadError | PictureError) -> None:
    """Plan the next try, or give up; then the picture of an earlier address goes too."""
    is_temporary = isinstance(problem, DownloadError) and problem.is_temporary
    if is_temporary and row.tries < MOST_TRIES:
        PictureAddress.objects.filter(pk=row.pk, address=row.address).update(
            problem=get_sentence(problem),
            next_try_at=timezone.now() + FIRST_PAUSE * 4 ** (row.tries - 1),
        )
        return
    _replace_image(row, "", problem=get_sentence(problem))


@transaction.atomic
def _replace_image(row: PictureAddress, name: str, *, problem: str) -> None:
    """Note what came of the address, unless the source has changed or removed it meanwhile."""
    lock_products([row.product_id])
    stored = PictureAddress.objects.filter(pk=row.pk, address=row.address)
    before = stored.values_list("image", flat=True).first()
    if before is None:
        arrange_pictures([], gone=[name] if name else [])
        return
    stored.update(image=name, problem=problem, next_try_at=None)
    arrange_pictures([row.product_id], gone=[before] if before else [])
