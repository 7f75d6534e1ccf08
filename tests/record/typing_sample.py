"""The types that mypy and pyright must see. Both check this file; nothing runs it."""

from datetime import datetime
from typing import Any

from typing_extensions import assert_type

from lambda_destinations import Arrival, Condition, ErrorObject, InvocationRecord, iter_records, records_in


def handler(event: dict[str, Any], _context: object) -> dict[str, list[dict[str, str | None]]]:
    failures: list[dict[str, str | None]] = []
    for arrival in iter_records(event):
        assert_type(arrival, Arrival)
        if arrival.record is None:
            failures.append({"itemIdentifier": arrival.message_id})
            continue
        assert_type(arrival.record, InvocationRecord)
    for record in records_in(event):
        assert_type(record.timestamp, datetime)
        assert_type(record.condition, Condition | str)
        assert_type(record.status_code, int | None)
        assert_type(record.error, ErrorObject)
        assert_type(record.error.type, str | None)
        assert_type(record.error.stack_trace, tuple[str, ...])
        assert_type(record.qualifier, str)
        assert_type(record.to_dict(), dict[str, Any])
        assert_type(record.request_payload_json, str | None)
        if record.condition == Condition.RETRIES_EXHAUSTED:
            record.condition = "Success"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    return {"batchItemFailures": failures}
