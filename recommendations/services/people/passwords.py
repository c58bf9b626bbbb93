"""The password hasher: the one place through which every password hash of the shop goes."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from recommendations.services.infra.costly_work import PASSWORD_HASH


class BoundedPasswordHasher(PBKDF2PasswordHasher):
    """Django's own hash, within the limits of costly work.

    Whatever signs in, registers, changes or confirms a password computes `encode` once, for an
    account that exists and for one that does not.
    """

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        """Return the hash; raises ThrottledError or BusyError, see `Work.perform`."""
        with PASSWORD_HASH.perform():
            return super().encode(password, salt, iterations)
