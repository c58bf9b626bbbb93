"""Storages of artifacts for tests: a folder, and a bucket of a server that speaks S3's protocol."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import boto3
from moto.server import ThreadedMotoServer


@contextmanager
def serve_bucket() -> Iterator[dict[str, str]]:
    """Run a server with an empty bucket; yield the variables that name the bucket."""
    # Servers of one process share their buckets.
    bucket = f"artifacts-{uuid4().hex}"
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        address = f"http://{host}:{port}"
        keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
        client = boto3.client("s3", endpoint_url=address, region_name="us-east-1", **keys)
        client.create_bucket(Bucket=bucket)
        yield {
            "ARTIFACT_STORAGE": f"s3://{bucket}/shop",
            "AWS_ENDPOINT_URL_S3": address,
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
    finally:
        server.stop()


@contextmanager
def share_folder(folder: Path) -> Iterator[dict[str, str]]:
    """Yield the variables that name a folder."""
    yield {"ARTIFACT_STORAGE": folder.as_uri()}
