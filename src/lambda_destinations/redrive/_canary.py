"""A few events first: sent, and watched for coming back.

What can be known is that a record with one of the new request ids has come back to the source: the canary failed again.
Where failures of the function do not come to this source nothing can be known: the rest is not sent, unless the caller
says how long to wait.
"""

from __future__ import annotations

import contextlib
import time
from itertools import accumulate
from typing import TYPE_CHECKING

from .._service import RETRY_DELAYS
from ._item import Item, read_item

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from ._bucket import BucketSource
    from ._clients import Clients
    from ._queue import QueueSource
    from ._target import Target

FAILED = "a canary failed again"
_BEFORE_RETRY = (0, *accumulate(RETRY_DELAYS))  # seconds
_SLACK = 30.0  # seconds for Lambda's own queue and for the record's delivery
_BETWEEN = 1.0  # seconds between two looks


def seconds_to_wait(clients: Clients, target: Target, source_arn: str) -> tuple[float | None, str]:
    """How long until a failure's record must be here, or None and why that cannot be known."""
    from botocore.exceptions import BotoCoreError, ClientError

    client = clients.get("lambda", target.region)
    try:
        config = client.get_function_event_invoke_config(**target.arguments)
        timeout = client.get_function_configuration(**target.arguments)["Timeout"]
    except (BotoCoreError, ClientError) as error:
        return None, f"where {target} sends its failures cannot be read: {error}"
    to = config.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    if to != source_arn:
        return None, f"{target} sends its failures to {to or 'no destination'}, not to {source_arn}"
    retries = int(config.get("MaximumRetryAttempts", 2))
    return _BEFORE_RETRY[retries] + (retries + 1) * timeout + _SLACK, ""


def watch(
    make: Callable[[], QueueSource | BucketSource], ids: set[str], since: float, seconds: float, stop: threading.Event
) -> tuple[str, str | None]:
    """Watch the source for the failures of `ids`; what was seen, and why nothing more is to be sent, or None.

    :param since: when the canaries' pass began, by the source's clock
    """
    end = time.monotonic() + seconds
    with contextlib.closing(make()) as source:
        source.take_all(since)
        while True:
            last = time.monotonic() >= end  # only a scan that begins after the end has seen all
            for items in source.scan(stop):
                for item in items:
                    found = _failed(source, item, ids)
                    if found:
                        return found, FAILED
            if stop.is_set():
                return "the watch was interrupted", None
            if source.cut_short:
                return "what became of them is unknown", source.cut_short
            if last:
                return f"none came back within {seconds:.0f} s", None
            stop.wait(_BETWEEN)


def _failed(source: QueueSource | BucketSource, item: Item, ids: set[str]) -> str:
    record = read_item(item).record if source.load(item) else None
    source.skip(item)
    if record is None or record.succeeded or record.request_id not in ids:
        return ""
    return f"{record.request_id} failed again ({record.condition}: {record.error.type} {record.error.message})"
