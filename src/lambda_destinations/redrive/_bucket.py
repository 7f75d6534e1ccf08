"""An S3 bucket as the source: the objects below a prefix that were there when the scan began."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .._service import REDRIVE_COUNTS
from ..errors import InvalidSource
from ._clients import FIRST_ATTEMPTS, is_no_object, snapshot_of
from ._item import Item

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator

    from ._clients import Clients

_LARGEST = 16 * 1_048_576  # bytes; a record holds a request of 1 MB and a response of 6 MB at most
_MINUTE = 60  # seconds


class BucketSource:
    """The objects below `s3://bucket/prefix`."""

    def __init__(self, clients: Clients, text: str, *, as_of: float | None = None) -> None:
        from botocore.exceptions import ClientError, ParamValidationError

        place = re.fullmatch(r"s3://([^/]+)(?:/(.*))?", text, re.DOTALL)
        if place is None:
            raise InvalidSource(f"{text!r} names no bucket; write s3://bucket or s3://bucket/prefix")
        self.s3, self.bucket, self._prefix = clients.get("s3"), place[1], place[2] or ""
        self.name = f"s3://{self.bucket}/{self._prefix}"
        self.arn = f"arn:{self.s3.meta.partition}:s3:::{self.bucket}"
        self.about, self.newer, self.cut_short = None, 0, ""
        self.notes: list[str] = []
        try:
            first = clients.get("s3", attempts=FIRST_ATTEMPTS)
            response = first.list_objects_v2(Bucket=self.bucket, Prefix=self._prefix, MaxKeys=1)
        except (ClientError, ParamValidationError) as error:
            said = " ".join(str(error).split())
            raise InvalidSource(f"cannot list {self.name}: {said}; check its name and region") from None
        self.as_of = as_of or snapshot_of(response)
        self._since: float | None = None
        self._seen: set[str] = set()

    def scan(self, stop: threading.Event) -> Iterator[list[Item]]:
        """Give the objects page by page."""
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self._prefix):
            if stop.is_set():
                return
            items = []
            for each in page.get("Contents", []):
                if each["Key"].startswith(REDRIVE_COUNTS):
                    continue
                if self._since is not None:
                    if each["Key"] in self._seen or each["LastModified"].timestamp() < self._since:
                        continue
                    self._seen.add(each["Key"])
                elif each["LastModified"].timestamp() > self.as_of:
                    self.newer += 1
                    continue
                items.append(Item(each["Key"], each["Size"]))
            yield items

    def take_all(self, since: float) -> None:
        """Have the scan take what came from a minute before `since`, and at each further scan what is new."""
        self._since = since - _MINUTE

    def load(self, item: Item) -> bool:
        """Get the object; False if it is gone."""
        from botocore.exceptions import ClientError

        if item.handle > _LARGEST:
            item.refused = f"an object of {item.handle:,} bytes, which is more than a record can have"
            return True
        try:
            item.message = self.s3.get_object(Bucket=self.bucket, Key=item.id)["Body"].read()
        except ClientError as error:
            if is_no_object(error):
                return False
            raise
        return True

    def skip(self, item: Item) -> None:
        """Leave an object where it is."""
        item.message = None

    def delete(self, items: list[Item]) -> tuple[int, str]:
        """Delete objects; how many are deleted, and why the others are not."""
        from botocore.exceptions import BotoCoreError, ClientError

        objects = {"Objects": [{"Key": item.id} for item in items], "Quiet": True}
        try:
            response = self.s3.delete_objects(Bucket=self.bucket, Delete=objects)
        except (BotoCoreError, ClientError) as error:
            return 0, str(error)
        errors = response.get("Errors", [])
        return len(items) - len(errors), errors[0]["Code"] if errors else ""

    def close(self) -> None:
        """Nothing is held."""
