"""An S3 bucket as the source: the objects below a prefix that were there when the scan began."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from ..errors import InvalidSource
from ._item import Item
from ._ledger import PREFIX

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator

    from ._clients import Clients

_LARGEST = 16 * 1_048_576  # bytes; a record holds a request of 1 MB and a response of 6 MB at most
_MINUTE = 60  # seconds


class BucketSource:
    """The objects below `s3://bucket/prefix`."""

    def __init__(self, clients: Clients, bucket: str, prefix: str) -> None:
        from botocore.exceptions import ClientError

        self.s3, self.bucket, self._prefix = clients.get("s3"), bucket, prefix
        self.name, self.arn, self.about, self.newer = f"s3://{bucket}/{prefix}", f"arn:aws:s3:::{bucket}", 0, 0
        self.notes: list[str] = []
        try:
            response = self.s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1)
        except ClientError as error:
            raise InvalidSource(f"cannot list {self.name}: {error}; check its name and region") from None
        date = response["ResponseMetadata"].get("HTTPHeaders", {}).get("date")
        self._since: float | None = None
        self._seen: set[str] = set()
        self._until = (parsedate_to_datetime(date).timestamp() if date else time.time()) + 1

    def scan(self, stop: threading.Event) -> Iterator[list[Item]]:
        """Give the objects page by page."""
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self._prefix):
            if stop.is_set():
                return
            items = []
            for each in page.get("Contents", []):
                if each["Key"].startswith(PREFIX):
                    continue
                if self._since is not None:
                    if each["Key"] in self._seen or each["LastModified"].timestamp() < self._since:
                        continue
                    self._seen.add(each["Key"])
                elif each["LastModified"].timestamp() > self._until:
                    self.newer += 1
                    continue
                items.append(Item(each["Key"], each["Size"]))
            yield items

    def take_all(self) -> None:
        """Have the scan take what came from a minute before it began, and again and again what is new since then."""
        self._since = self._until - _MINUTE

    def load(self, item: Item) -> bool:
        """Get the object; False where it is gone."""
        from botocore.exceptions import ClientError

        if item.handle > _LARGEST:
            item.message = f"an object of {item.handle} bytes"
            return True
        try:
            item.message = self.s3.get_object(Bucket=self.bucket, Key=item.id)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                return False
            raise
        return True

    def skip(self, item: Item) -> None:
        """Leave an object, which is where it was."""
        item.message = None

    def delete(self, items: list[Item]) -> int:
        """Delete objects and return how many are deleted."""
        if not items:
            return 0
        objects = {"Objects": [{"Key": item.id} for item in items], "Quiet": True}
        response = self.s3.delete_objects(Bucket=self.bucket, Delete=objects)
        return len(items) - len(response.get("Errors", []))

    def close(self) -> None:
        """Nothing is held."""
