"""Which rights the roles of staff were given."""

from django.db import models


class RoleRight(models.Model):
    """A right that a role was given once, so that what an administrator takes away stays away.

    An empty `right` says that the role's group was made.
    """

    role = models.CharField(max_length=50)
    right = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "role_right"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["role", "right"], name="role_right_once")]

    def __str__(self) -> str:
        return f"{self.role}: {self.right}"
