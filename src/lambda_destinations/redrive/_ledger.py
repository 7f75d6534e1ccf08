"""How often each event was redriven, over runs and machines, without a database.

Lambda answers an asynchronous call with the request id that the event keeps: the record of its next failure carries it.
Two recordings of the real service say so, both in LocalStack's tests that are validated against AWS. The request id of
the answer 202 is in the REPORT lines of all attempts (`test_request_id_async_invoke_with_retry`), and that id, the
handler's `aws_request_id`, is the record's `requestContext.requestId` (`test_assess_lambda_destination_invocation`).

So the count is kept under the *new* request id, before the old record is deleted. For a bucket it is an object of a
few bytes below `lambda-destinations/redrives/` in the same bucket: one put for each event sent, one get for each record
read. For a queue it is part of a message in a queue of its own; see `_queue_ledger`.

A process killed between the answer and the entry leaves the count one too low for those events, never too high. The
events themselves are safe, since their records are not deleted yet.
"""

from __future__ import annotations

from typing import Any, Protocol

from .._service import REDRIVE_COUNTS
from ..errors import InvalidSource
from ._clients import is_no_object


class Ledger(Protocol):
    """Counts by request id."""

    def count(self, request_id: str) -> int:
        """How often the event with this request id has been redriven."""
        ...

    def open(self) -> None:
        """Make sure that counts can be kept, before the first event is sent."""

    def note(self, request_id: str, count: int) -> None:
        """Take a count under a new request id; it is kept once `flush` returns."""

    def flush(self) -> None:
        """Write what was noted."""


class NoLedger:
    """No counts."""

    def count(self, request_id: str) -> int:  # noqa: ARG002  (Ledger's signature)
        """Never redriven, as far as is known."""
        return 0

    def open(self) -> None:
        """Nothing is kept."""

    def note(self, request_id: str, count: int) -> None:
        """Forget it."""

    def flush(self) -> None:
        """Nothing to write."""


class BucketLedger:
    """One object for each event, by its request id, so that a handler can look up one without reading all."""

    def __init__(self, s3: Any, bucket: str, prefix: str = REDRIVE_COUNTS) -> None:
        self._s3, self._bucket, self._prefix, self._opened = s3, bucket, prefix, False

    def count(self, request_id: str) -> int:
        """Read the object; no object means no redrive."""
        from botocore.exceptions import ClientError

        try:
            return int(self._s3.get_object(Bucket=self._bucket, Key=self._prefix + request_id)["Body"].read())
        except ClientError as error:
            if is_no_object(error):
                return 0
            raise

    def open(self) -> None:
        """Put an object once: an event whose count cannot be kept would be sent without end.

        :raises InvalidSource: if that is not allowed
        """
        from botocore.exceptions import ClientError

        if self._opened:
            return
        try:
            self.note("check", 0)
        except ClientError as error:
            place = f"s3://{self._bucket}/{self._prefix}"
            raise InvalidSource(
                f"cannot write to {place}, where the counts of redrives are kept: {error}; allow s3:PutObject there"
            ) from None
        self._opened = True

    def note(self, request_id: str, count: int) -> None:
        """Put the object at once."""
        self._s3.put_object(Bucket=self._bucket, Key=self._prefix + request_id, Body=str(count).encode())

    def flush(self) -> None:
        """Nothing is left to write."""
