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


class EventConflictError(ShopError):
    """The event id was used before with another content."""

    code = "event_conflict"


class OutOfStockError(ShopError):
    """Fewer pieces are left than were asked for."""

    code = "out_of_stock"


class TrainingRefusedError(ShopError):
    """A training cannot start or its result cannot be used; the message says why."""

    code = "training_refused"


class ArtifactError(ShopError):
    """A stored model is missing, damaged or not what its manifest says."""

    code = "artifact_damaged"
