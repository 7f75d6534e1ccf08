"""One message or object of a source, and the record in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ..envelopes import iter_records

if TYPE_CHECKING:
    from ..record import InvocationRecord


@dataclass(slots=True)
class Item:
    """What a source gave: `handle` is what it needs to delete it, `message` what the reader reads."""

    id: str
    handle: Any
    message: Any = None
    refused: str = ""  # why it cannot be a record
    unread: str = ""  # why nobody knows what it is


class Read(NamedTuple):
    """The record, or the reason why there is none."""

    record: InvocationRecord | None
    reason: str = ""
    reserialized: bool = False


def read_item(item: Item) -> Read:
    """Read the record that a message or an object holds."""
    if item.refused:
        return Read(None, item.refused)
    (arrival,) = iter_records(item.message)
    if arrival.record is None:
        return Read(None, str(arrival.error))
    text = item.message["Body"] if isinstance(item.message, dict) else ""
    # EventBridge serializes the payloads again: its envelope is the only one that has a detail-type.
    return Read(arrival.record, "", "detail-type" in text and "detail-type" not in arrival.record.to_json())
