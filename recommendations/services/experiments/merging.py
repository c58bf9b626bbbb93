"""The exposures of a visitor who signs in."""

from recommendations.services.experiments.exposure_log import take_pending
from recommendations.services.experiments.exposure_moves import move_exposures


def merge_exposures(*, user_id: int, session_id: str) -> None:
    """Move a visitor's exposures to an account, in the transaction of the caller.

    What another process has not written yet follows when that process writes it.
    """
    move_exposures(user_id=user_id, session_id=session_id, unwritten=take_pending(session_id))
