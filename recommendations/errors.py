"""Product errors: what can go wrong in the shop's own terms.

Services raise them; the edge translates (`api/errors.py` to problem+json, commands to
`CommandError`). `code` is stable and public: clients may branch on it.
"""


class ShopError(Exception):
    """Base of all product errors; the message is a sentence for the caller."""

    code = "error"


class NotFoundError(ShopError):
    """Something the caller named does not exist, or is not for sale."""

    code = "not_found"


class InvalidInputError(ShopError):
    """A value is refused; `field` names it where there is one."""

    code = "invalid"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class NotAllowedError(ShopError):
    """The caller is known and may not do this."""

    code = "not_allowed"


class UsernameTakenError(ShopError):
    """An account has this name already."""

    code = "username_taken"


class EventConflictError(ShopError):
    """The event id was used before with another content."""

    code = "event_conflict"


class OutOfStockError(ShopError):
    """Fewer pieces are left than were asked for."""

    code = "out_of_stock"


class EmptyCartError(ShopError):
    """An order was placed with nothing in the cart."""

    code = "empty_cart"


class TrainingRefusedError(ShopError):
    """A training cannot start or its result cannot be used; the message says why."""

    code = "training_refused"


class TrainingUnderWayError(TrainingRefusedError):
    """Somebody else is training at this moment."""

    code = "training_under_way"


class ArtifactError(ShopError):
    """A stored model is missing, damaged or not what its manifest says."""

    code = "artifact_damaged"


class DataImportError(ShopError):
    """A file cannot be imported at all; the message says what is wrong with it."""

    code = "import_refused"


class SampleDataRefusedError(ShopError):
    """Sample data cannot be written here without touching what is not sample data."""

    code = "sample_data_refused"
