"""What is to become of one message or object: the one place for a run and for the handler."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from .._service import MAX_PAYLOAD
from ..errors import InvalidExpression
from ._item import read_item
from ._target import Target, target_of

if TYPE_CHECKING:
    from collections.abc import Container

    from ..record import InvocationRecord
    from ._item import Item
    from ._ledger import Ledger
    from ._select import Expression, Selection


class What(Enum):
    """The ways that it can go."""

    NOT_A_RECORD = "not a record"
    SKIP = "skipped by the filters"
    DONE = "sent in this run already"
    LEAVE = "left"
    WORN_OUT = "redriven too often"
    SEND = "to be sent"


class Rules(NamedTuple):
    """What decides, beside the record itself."""

    selection: Selection
    max_redrives: int
    to: Target | None = None
    edit: Expression | None = None


class Decision(NamedTuple):
    """What is to become of an item, with the reason, and what sending it takes."""

    what: What
    reason: str = ""
    record: InvocationRecord | None = None
    target: Target | None = None
    payload: bytes = b""
    redriven: int = 0
    reserialized: bool = False

    def sent_as(self, status: int | None) -> dict[str, Any]:
        """The members of a line on what was sent, or refused with this status."""
        assert self.target is not None
        name, qualifier = self.target.name, self.target.qualifier
        return {"function": name, "qualifier": qualifier, "bytes": len(self.payload), "status": status}


def decide(  # noqa: PLR0911  (a return for each answer)
    item: Item, rules: Rules, ledger: Ledger, done: Container[str] = ()
) -> Decision:
    """Decide on an item; `done` are the request ids of what this run sent."""
    if item.unread:
        return Decision(What.LEAVE, item.unread)
    read = read_item(item)
    record = read.record
    if record is None:
        return Decision(What.NOT_A_RECORD, read.reason)
    if record.request_id in done:
        return Decision(What.DONE, record=record)
    try:
        if not rules.selection.takes(record):
            return Decision(What.SKIP, record=record)
        text = record.request_payload_json
        if text is None:
            return Decision(What.NOT_A_RECORD, "the record carries no request payload", record)
        if rules.edit is not None:
            text = rules.edit.payload(record)
    except InvalidExpression as error:
        return Decision(What.LEAVE, str(error), record)
    payload = text.encode()
    if len(payload) > MAX_PAYLOAD:
        reason = f"a payload of more than {MAX_PAYLOAD:,} bytes, which Lambda refuses"
        return Decision(What.NOT_A_RECORD, reason, record)
    redriven = ledger.count(record.request_id)
    what, reason = What.SEND, ""
    if redriven >= rules.max_redrives:
        what, reason = What.WORN_OUT, f"redriven {redriven} times already"
    target = rules.to or target_of(record)
    return Decision(what, reason, record, target, payload, redriven, read.reserialized)
