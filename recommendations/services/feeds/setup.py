"""What staff say about a feed: whether it can be so, and the import that follows from it."""

import base64
import hashlib
import json
import re
from pathlib import Path

from recommendations.choices import FeedContent
from recommendations.errors import DataImportError, DownloadError
from recommendations.models import Feed
from recommendations.sentences import get_sentence, say
from recommendations.services.data_import import ImportPlan, parse_options, plan_files
from recommendations.services.infra.downloads import Origin, check_address, get_origin

ANY_FILE = Path("feed")
HEADER_NAME = re.compile(r"[A-Za-z0-9-]+")


def find_problems(feed: Feed) -> dict[str, str]:
    """Return what is wrong with a feed, in a sentence for each field."""
    problems: dict[str, str] = {}
    try:
        check_address(feed.address)
    except DownloadError as error:
        problems["address"] = get_sentence(error)
    try:
        make_feed_plan(feed, ANY_FILE)
    except DataImportError as error:
        field = "source" if str(error).startswith("The source") else "options"
        problems[field] = get_sentence(error)
    if feed.is_complete and feed.content != FeedContent.PRODUCTS.value:
        problems["is_complete"] = say("Only a file of products can be complete.")
    if feed.user_name and feed.header_name:
        problems["header_name"] = say("Name a user or a header, not both.")
    elif feed.header_name and not HEADER_NAME.fullmatch(feed.header_name):
        problems["header_name"] = say("A name of a header has letters, digits and - only.")
    if ":" in feed.user_name:
        problems["user_name"] = say("A user name has no colon.")
    return problems


def find_secret_problem(feed: Feed, typed: str, *, before: Feed) -> str | None:
    """Return what is wrong with the password that was typed for a feed, in a sentence.

    Without a new one, the feed keeps the one that it had `before`; but no other server gets that:
    whoever may change the address need not know the password.
    """
    is_needed = bool(feed.user_name or feed.header_name)
    if typed and not is_needed:
        return say("Name the user or the header that it belongs to.")
    if typed:
        is_sendable = typed.isprintable() and (feed.user_name or _is_latin(typed))
        return None if is_sendable else say("It has characters that no header can have.")
    if not is_needed:
        return None
    if not before.secret:
        return say("The user or the header needs it.")
    if _find_server(feed.address) != _find_server(before.address):
        return say("Enter it again, because the address leads to another server.")
    return None


def make_feed_plan(feed: Feed, file: Path, *, takes_down_many: bool = False) -> ImportPlan:
    """Return the plan of the import of a feed's file.

    Raises:
        DataImportError: The feed has a source or an option that an import cannot have.
    """
    options = parse_options(feed.options) | {
        "format": feed.format,
        "complete": feed.is_complete and feed.content == FeedContent.PRODUCTS.value,
        "take_down_many": takes_down_many,
    }
    return plan_files(options, source=feed.source, **{feed.content: file})


def compute_setup(feed: Feed) -> str:
    """Return a digest of what the feed says about its file and about how it is read."""
    said = [feed.address, feed.content, feed.source, feed.format, feed.options, feed.is_complete]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def build_credentials(feed: Feed) -> dict[str, str]:
    """Return the headers that the feed's server asks for."""
    if feed.header_name:
        return {feed.header_name: feed.secret}
    if feed.user_name:
        pair = base64.b64encode(f"{feed.user_name}:{feed.secret}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}
    return {}


def _is_latin(text: str) -> bool:
    return all(ord(letter) < 256 for letter in text)


def _find_server(address: str) -> Origin | None:
    try:
        return get_origin(check_address(address))
    except DownloadError:
        return None
