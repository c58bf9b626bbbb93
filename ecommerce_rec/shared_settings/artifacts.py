"""The storage through which hosts without a common folder share models and search indexes."""

from importlib.util import find_spec
from typing import Any
from urllib.parse import unquote, urlsplit

from ecommerce_rec.environment import ANY_TEXT, ARTIFACT_STORAGE, SECRET_TEXT, SERVICE
from ecommerce_rec.shared_settings.base import env

CONNECT_SECONDS, READ_SECONDS, TRIES = 5, 30, 3
"""How long a service of S3 may take: one that hangs delays a start by two minutes at most."""


def build_artifact_storage() -> dict[str, dict[str, Any]]:
    """Return what `STORAGES` has of the storage of artifacts; nothing if none is set."""
    address = urlsplit(env.read("ARTIFACT_STORAGE", ARTIFACT_STORAGE, ""))
    options: dict[str, str | None] = {
        "access_key": env.read("AWS_ACCESS_KEY_ID", ANY_TEXT, None),
        "secret_key": env.read("AWS_SECRET_ACCESS_KEY", SECRET_TEXT, None),
        "region_name": env.read("AWS_DEFAULT_REGION", ANY_TEXT, None),
        "endpoint_url": env.read("AWS_ENDPOINT_URL_S3", SERVICE, None),
    }
    if address.scheme == "file":
        return {"artifacts": _build_folder(unquote(address.path))}
    if address.scheme != "s3":
        return {}
    if find_spec("storages") is None or find_spec("boto3") is None:
        env.problems.append(
            "ARTIFACT_STORAGE names a bucket; install the packages of requirements-artifacts.txt."
        )
        return {}
    return {"artifacts": _build_bucket(address.netloc, address.path.strip("/"), options)}


def _build_folder(path: str) -> dict[str, Any]:
    return {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": path,
            "allow_overwrite": True,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    }


def _build_bucket(bucket: str, prefix: str, options: dict[str, str | None]) -> dict[str, Any]:
    """Return a bucket of Amazon or, with an `endpoint_url`, of a service that speaks its protocol.

    Without keys, the machine's role or profile counts, as boto3 finds it.
    """
    from botocore.config import Config  # noqa: PLC0415 - the package is an extra

    config: dict[str, Any] = {
        "connect_timeout": CONNECT_SECONDS,
        "read_timeout": READ_SECONDS,
        "retries": {"mode": "standard", "total_max_attempts": TRIES},
    }
    if options["endpoint_url"]:
        # Other services know neither names of buckets in the host nor the newest checksums.
        config |= {
            "s3": {"addressing_style": "path"},
            "request_checksum_calculation": "when_required",
            "response_checksum_validation": "when_required",
        }
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "location": prefix,
            "client_config": Config(**config),
            **{name: value for name, value in options.items() if value},
        },
    }
