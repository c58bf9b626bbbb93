"""What storages raise when they cannot be reached, or refuse what is asked."""

from functools import cache


@cache
def list_storage_errors() -> tuple[type[Exception], ...]:
    """Return the errors of files, and those of S3's libraries, as far as they are installed.

    boto3 and s3fs pass on errors of botocore: no credentials, or no server at the address.
    """
    errors: list[type[Exception]] = [OSError]
    try:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    except ImportError:
        return tuple(errors)
    errors += [BotoCoreError, ClientError]
    try:
        from boto3.exceptions import Boto3Error  # noqa: PLC0415 - s3fs needs no boto3
    except ImportError:
        return tuple(errors)
    return (*errors, Boto3Error)
