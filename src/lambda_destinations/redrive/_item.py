"""One message or object of a source, and the record in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ..envelopes import iter_records
from ..errors import InvalidRecord

if TYPE_CHECKING:
    from ..record import InvocationRecord


@dataclass(slots=True)
class Item:
    """What a source gave: `handle` is what it needs to delete it, `message` what the reader reads."""

    id: str
    handle: Any
    message: Any = None


class Read(NamedTuple):
    """The record, or the reason why there is none."""

    record: InvocationRecord | None
    reason: str = ""
    reserialized: bool = False


def read_item(item: Item) -> Read:
    """Read the one record that a message or an object holds."""
    arrivals = list(iter_records([item.message]))
    if len(arrivals) != 1 or arrivals[0].record is None:
        error = arrivals[0].error if arrivals else InvalidRecord("", "nothing", "a record")
        return Read(None, str(error))
    record = arrivals[0].record
    text = item.message["Body"] if isinstance(item.message, dict) else ""
    return Read(record, "", "detail-type" in text and "detail-type" not in record.to_json())
