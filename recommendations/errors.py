"""Product errors: what can go wrong, in the shop's own terms.

Services raise these errors. `api/errors.py` translates them to problem+json, commands to
`CommandError`. `code` is stable and public: clients may branch on it.
"""

from collections.abc import Mapping
from typing import Any


class ShopError(Exception):
    """Base of all product errors; the message is a sentence for the caller.

    `members` are further members of the problem, for programs, as JSON has them.
    """

    code = "error"

    def __init__(self, message: str, *, members: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.members = members or {}


class NotFoundError(ShopError):
    """The thing that the caller named does not exist, or is not for sale."""

    code = "not_found"


class InvalidInputError(ShopError):
    """The shop refuses a value; `field` names the field of the request, where there is one."""

    code = "invalid"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class VariantRequiredError(InvalidInputError):
    """The product comes in variants, and the caller named none; the message says what to choose."""

    code = "variant_required"


class NotAllowedError(ShopError):
    """The shop knows the caller, and the caller may not do this."""

    code = "not_allowed"


class UsernameTakenError(ShopError):
    """Another account has this name."""

    code = "username_taken"


class EventConflictError(ShopError):
    """An event with this id and other content was recorded before."""

    code = "event_conflict"


class OutOfStockError(ShopError):
    """The stock is smaller than the quantity asked for."""

    code = "out_of_stock"


class OrderChangedError(ShopError):
    """The order would not be the one that the caller was shown; `members` say what changed."""

    code = "order_changed"


class IdempotencyConflictError(ShopError):
    """The caller has placed another order with this idempotency key; `members` name it."""

    code = "idempotency_conflict"


class EmptyCartError(ShopError):
    """The caller placed an order with an empty cart."""

    code = "empty_cart"


class TryAgainError(ShopError):
    """The shop refuses for now; the caller may try again after `wait_seconds`."""

    def __init__(self, message: str, *, wait_seconds: float) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds


class ThrottledError(TryAgainError):
    """The caller has asked for too much."""

    code = "throttled"


class BusyError(TryAgainError):
    """The shop does as much of this work as it can do at once."""

    code = "busy"


class TrainingRefusedError(ShopError):
    """A training cannot start, or its result cannot be used; the message says why."""

    code = "training_refused"


class NothingToLearnError(TrainingRefusedError):
    """The shop has no interactions that a model could learn from."""

    code = "nothing_to_learn"


class TrainingUnderWayError(TrainingRefusedError):
    """Another process is training at this moment."""

    code = "training_under_way"


class TrainingLibraryError(TrainingRefusedError):
    """A library that a recommender needs to learn is not installed; the message says which."""

    code = "training_library_missing"


class ArtifactError(ShopError):
    """A stored model is missing, is damaged, or does not match its manifest."""

    code = "artifact_damaged"


class ArtifactFormatError(ArtifactError):
    """A stored model is whole, and another release reads it."""


class DataImportError(ShopError):
    """A file cannot be imported at all; the message says why."""

    code = "import_refused"


class ShrunkenFileError(DataImportError):
    """A complete file lacks so many products that nobody would take them down unasked.

    `gone` of the `on_sale` products are not in the file.
    """

    def __init__(self, message: str, *, gone: int, on_sale: int) -> None:
        super().__init__(message)
        self.gone = gone
        self.on_sale = on_sale


class DownloadError(ShopError):
    """A file could not be fetched from its address; the message says why.

    `is_temporary` says whether a later try may fetch it.
    """

    code = "download_failed"

    def __init__(self, message: str, *, is_temporary: bool = False) -> None:
        super().__init__(message)
        self.is_temporary = is_temporary


class PictureError(ShopError):
    """A file is not a picture that the shop can show; the message says why."""

    code = "picture_refused"


class FeedUnderWayError(ShopError):
    """Another process is fetching this feed at this moment."""

    code = "feed_under_way"


class EngineError(TrainingRefusedError):
    """An engine that trains on a log is missing, or stopped; the message says why."""

    code = "engine_failed"


class DataExportError(ShopError):
    """An export is impossible as asked; the message says why."""

    code = "export_refused"


class TrainingLogError(ShopError):
    """The log in Parquet cannot be written or read; the message says why."""

    code = "training_log_refused"


class BackupError(ShopError):
    """A backup cannot be written or restored; the message says why."""

    code = "backup_refused"


class SampleDataRefusedError(ShopError):
    """Writing the sample data would change data that is not sample data."""

    code = "sample_data_refused"
