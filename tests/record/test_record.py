"""What a record contains, and that it is written as it was read."""

import copy
import json
import pickle
from dataclasses import FrozenInstanceError, fields, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from lambda_destinations import ABSENT, Arrival, Condition, ErrorObject, InvalidRecord, InvocationRecord

ARN = "arn:aws:lambda:eu-west-1:111122223333:function:orders:live"


def made(**changes: Any) -> InvocationRecord:
    arguments = {
        "timestamp": datetime(2026, 9, 14, 15, 23, 2, 161000, timezone.utc),
        "request_id": "5f2c1a0e",
        "function_arn": ARN,
        "condition": Condition.SUCCESS,
        "approximate_invoke_count": 1,
    }
    return InvocationRecord(**(arguments | changes))


def read(fixtures: Path, name: str) -> InvocationRecord:
    return InvocationRecord.from_json((fixtures / "records" / f"{name}.json").read_bytes())


def test_every_record_is_written_byte_for_byte_as_it_was_read(record_file: Path) -> None:
    document = record_file.read_bytes()
    assert InvocationRecord.from_json(document).to_json().encode() == document
    assert InvocationRecord.from_json(document.decode()).to_json() == document.decode()


def test_every_record_survives_a_round_trip_through_a_dict(record_file: Path) -> None:
    document = json.loads(record_file.read_bytes())
    record = InvocationRecord.from_dict(document)
    assert record.to_dict() == document
    assert record == InvocationRecord.from_json(record_file.read_bytes())
    assert InvocationRecord.from_json(record.to_json()).to_dict() == document


def test_every_fixture_says_where_it_comes_from(fixtures: Path) -> None:
    listed = [line.split(" | ")[0].strip("| ") for line in (fixtures / "README.md").read_text().splitlines()]
    assert {str(file.relative_to(fixtures)) for file in fixtures.glob("*/*.json")} == {
        name for name in listed if name.endswith(".json")
    }


def test_the_fields_of_a_failed_record_have_the_values_of_the_document(failed: str) -> None:
    record = InvocationRecord.from_json(failed)
    assert record.version == "1.0"
    assert record.timestamp == datetime(2026, 9, 14, 15, 23, 2, 161000, timezone.utc)
    assert record.timestamp.tzinfo is timezone.utc
    assert record.request_id == "5f2c1a0e-93d4-4c1b-8a76-2b1f0c9de401"
    assert record.condition is Condition.RETRIES_EXHAUSTED
    assert record.approximate_invoke_count == 3
    assert record.request_payload == {"orderId": "o-17", "lines": 2}
    assert (record.status_code, record.executed_version, record.function_error) == (200, "$LATEST", "Unhandled")
    assert not record.succeeded
    assert (record.partition, record.region, record.account) == ("aws", "eu-west-1", "111122223333")
    assert (record.function_name, record.qualifier) == ("orders", "$LATEST")


def test_the_qualifier_is_the_one_that_was_invoked_and_the_executed_version_the_one_that_ran(fixtures: Path) -> None:
    record = read(fixtures, "alias")
    assert (record.qualifier, record.executed_version) == ("live", "7")


def test_an_arn_without_a_qualifier_means_the_latest_version(fixtures: Path) -> None:
    assert read(fixtures, "unqualified").qualifier == "$LATEST"
    assert read(fixtures, "china").partition == "aws-cn"


@pytest.mark.parametrize(
    ("name", "condition", "status"),
    [
        ("deleted_while_queued", Condition.RETRIES_EXHAUSTED, 404),
        ("event_age_never_run", Condition.EVENT_AGE_EXCEEDED, 429),
        ("zero_reserved_concurrency", Condition.ZERO_RESERVED_CONCURRENCY, None),
    ],
)
def test_a_function_that_never_answered_leaves_no_response(
    fixtures: Path, name: str, condition: Condition, status: int | None
) -> None:
    record = read(fixtures, name)
    assert (record.condition, record.status_code) == (condition, status)
    assert (record.executed_version, record.function_error, record.response_payload) == (None, None, None)
    assert not record.has_response_payload
    assert not record.succeeded
    assert not record.error
    assert record.error.type is None


def test_a_null_payload_is_not_an_absent_payload(fixtures: Path) -> None:
    null, absent = read(fixtures, "success_null"), read(fixtures, "zero_reserved_concurrency")
    assert null.response_payload is absent.response_payload is None
    assert null.has_response_payload
    assert not absent.has_response_payload
    assert made(response_payload=None) != made(response_payload=ABSENT)
    assert made(response_payload=None).to_json().endswith('"responsePayload":null}')
    assert "Payload" not in made().to_json()


def test_a_record_without_payloads_is_a_record(fixtures: Path) -> None:
    record = read(fixtures, "without_payloads")
    assert not record.has_request_payload
    assert record.request_payload_json is record.response_payload_json is None
    assert read(fixtures, "success_null_request").request_payload_json == "null"


def test_an_unknown_condition_stays_a_string_and_is_not_a_success(fixtures: Path) -> None:
    record = read(fixtures, "unknown_condition")
    assert type(record.condition) is str
    assert record.condition == "QuotaExceeded"
    assert not record.succeeded


def test_a_condition_prints_and_compares_as_its_value() -> None:
    assert str(Condition.SUCCESS) == f"{Condition.SUCCESS}" == "%s" % Condition.SUCCESS == "Success"  # noqa: UP031  (`%` is tested too)
    assert f"{Condition.SUCCESS:>9}" == "  Success"
    assert Condition.SUCCESS == "Success"
    assert {"Success": 1}[Condition.SUCCESS] == 1
    assert json.dumps(Condition.SUCCESS) == '"Success"'


@pytest.mark.parametrize(
    ("name", "type_", "message", "lines"),
    [
        ("retries_exhausted", "ValueError", "no stock for o-17", 1),
        ("handled", "OutOfStock", "out of stock", 0),
        ("node_error", "TypeError", "order is not iterable", 2),
        ("java_error", "java.lang.RuntimeException", "An error occurred during JSON parsing", 0),
        (
            "message_only",
            None,
            "RequestId: 5f2c1a0e-93d4-4c1b-8a76-2b1f0c9de401 Process exited before completing request",
            0,
        ),
    ],
)
def test_the_error_of_every_runtime_is_read(
    fixtures: Path, name: str, type_: str | None, message: str, lines: int
) -> None:
    error = read(fixtures, name).error
    assert error
    assert (error.type, error.message, len(error.stack_trace)) == (type_, message, lines)


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        (None, ErrorObject()),
        ("boom", ErrorObject(message="boom")),
        (42, ErrorObject(message="42")),
        ([1, "é"], ErrorObject(message='[1,"é"]')),
        ({}, ErrorObject()),
        ({"errorType": 7, "errorMessage": {"code": 1}}, ErrorObject(type="7", message='{"code":1}')),
        ({"stackTrace": "one\ntwo"}, ErrorObject(stack_trace=("one", "two"))),
        ({"stackTrace": [["a.py", 1], None]}, ErrorObject(stack_trace=('["a.py",1]', ""))),
        ({"stackTrace": 5, "requestId": "r"}, ErrorObject(request_id="r")),
    ],
)
def test_an_error_of_any_shape_is_read(payload: Any, error: ErrorObject) -> None:
    record = made(condition=Condition.RETRIES_EXHAUSTED, response_payload=payload)
    assert record.error == error
    assert bool(record.error) == (error != ErrorObject())


def test_a_response_that_looks_like_an_error_is_not_one_when_the_function_succeeded() -> None:
    assert not made(response_payload={"errorType": "E"}).error


def test_the_text_of_the_payloads_is_kept(verbatim: str) -> None:
    record = InvocationRecord.from_json(verbatim)
    assert record.request_payload_json is not None
    assert record.request_payload_json.startswith('{ "b" : 1.0,\t"a":1e2, "a" : -0,\n')
    assert record.response_payload_json == '[ 1.50 , "é" , "\\u00e9" ]'
    assert record.request_payload["a"] == 0


def test_a_number_that_is_too_large_for_a_float_keeps_its_text(failed: str) -> None:
    text = failed.replace('"lines":2', '"lines":1e400')
    record = InvocationRecord.from_json(text)
    assert record.request_payload["lines"] == float("inf")
    assert record.to_json() == text
    assert '"lines":1e400' in replace(record, approximate_invoke_count=1).to_json()


def test_a_derived_record_writes_the_new_values_and_keeps_the_other_text(verbatim: str) -> None:
    record = replace(InvocationRecord.from_json(verbatim), condition="RetriesExhausted", response_payload={"a": 1})
    assert record.condition is Condition.RETRIES_EXHAUSTED
    assert record.response_payload_json == '{"a":1}'
    assert record.request_payload_json == InvocationRecord.from_json(verbatim).request_payload_json
    assert InvocationRecord.from_json(record.to_json()) == record


def test_a_derived_record_keeps_members_without_a_field(fixtures: Path) -> None:
    record = replace(read(fixtures, "unknown_members"), executed_version="9")
    assert record.to_json().endswith(
        '"responseContext":{"statusCode":200,"executedVersion":"9","durationMs":12.5},'
        '"responsePayload":{},"traceId":"1-abc","tags":[1 , 2]}'
    )
    assert '"tenant":{"id":"t-1"}' in record.to_json()


@pytest.mark.parametrize(
    ("payload", "has", "printed"),
    [({"a": 1}, True, '{"a":1}'), (None, True, "null"), (ABSENT, False, None)],
    ids=["a value", "null", "none"],
)
def test_a_payload_can_be_a_value_null_or_absent(failed: str, payload: Any, has: bool, printed: str | None) -> None:  # noqa: FBT001  (a column)
    record = replace(InvocationRecord.from_json(failed), response_payload=payload)
    assert record.has_response_payload is has
    assert record.response_payload_json == printed
    assert replace(record, request_id="other").response_payload_json == printed


def test_a_response_context_without_members_is_left_out_unless_it_was_there(failed: str) -> None:
    record = replace(InvocationRecord.from_json(failed), status_code=None, executed_version=None, function_error=None)
    assert "responseContext" not in record.to_json()
    empty = failed.replace('{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"}', "{}")
    assert replace(InvocationRecord.from_json(empty), request_id="other").to_dict()["responseContext"] == {}


def test_a_payload_that_was_changed_in_place_is_written_as_it_is_now(failed: str) -> None:
    record = InvocationRecord.from_json(failed)
    changed = copy.deepcopy(record)
    changed.request_payload["lines"] = True
    assert '"requestPayload":{"orderId":"o-17","lines":true}' in changed.to_json()
    changed.request_payload["lines"] = 2
    assert changed.to_json() == record.to_json() == failed
    record.request_payload["lines"] = {1, 2}
    with pytest.raises(InvalidRecord, match=r"requestPayload"):
        record.to_json()


@pytest.mark.parametrize(
    ("was", "now"), [(1, True), (1, 1.0), (0.0, -0.0), ({"a": 1, "b": 2}, {"b": 2, "a": 1}), ([1], [1.0])]
)
def test_a_change_to_a_value_that_python_calls_equal_is_written(was: Any, now: Any) -> None:
    inner = InvocationRecord.from_dict(made(request_payload={"value": was}).to_dict())
    inner.request_payload["value"] = now
    assert inner.request_payload_json == json.dumps({"value": now}, separators=(",", ":"))
    whole = replace(made(request_payload=was), request_payload=now)
    assert whole.request_payload_json == json.dumps(now, separators=(",", ":"))


def test_a_payload_can_be_given_to_a_record_without_one(fixtures: Path) -> None:
    record = replace(read(fixtures, "without_payloads"), request_payload=[], response_payload=0)
    assert (record.has_request_payload, record.request_payload_json) == (True, "[]")
    assert (record.has_response_payload, record.response_payload_json) == (True, "0")
    assert InvocationRecord.from_json(record.to_json()) == record


def test_a_dict_and_a_record_share_nothing(failed: str) -> None:
    document = json.loads(failed)
    record = InvocationRecord.from_dict(document)
    document["requestPayload"]["lines"] = 99
    record.to_dict()["requestPayload"]["lines"] = 99
    assert record.to_json() == failed


def test_a_new_record_is_written_compact_and_in_the_order_of_aws(failed: str) -> None:
    record = InvocationRecord.from_json(failed)
    twin = InvocationRecord(
        **{field.name: getattr(record, field.name) for field in fields(record) if field.name != "_text"}
    )
    assert twin == record
    assert twin.to_json() == failed
    shuffled = dict(reversed(json.loads(failed).items()))
    assert InvocationRecord.from_dict(shuffled).to_json() == failed


def test_a_time_keeps_its_text_and_a_new_time_is_written_in_utc(failed: str) -> None:
    text = failed.replace("2026-09-14T15:23:02.161Z", "2026-09-14T17:23:02.1619+02:00")
    record = InvocationRecord.from_json(text)
    assert record.timestamp == datetime(2026, 9, 14, 15, 23, 2, 161900, timezone.utc)
    assert "T17:23:02.1619+02:00" in replace(record, request_id="other").to_json()
    summer = datetime(2026, 9, 14, 17, 23, 2, tzinfo=timezone(timedelta(hours=2)))
    assert '"timestamp":"2026-09-14T15:23:02.000Z"' in made(timestamp=summer).to_json()
    assert '"timestamp":"2026-09-14T15:23:02.000001Z"' in made(timestamp=summer.replace(microsecond=1)).to_json()


def test_a_record_is_frozen_and_has_slots(failed: str) -> None:
    record = InvocationRecord.from_json(failed)
    with pytest.raises(FrozenInstanceError):
        record.request_id = "other"  # type: ignore[misc]
    assert not hasattr(record, "__dict__")
    with pytest.raises(TypeError):
        InvocationRecord("1.0")  # type: ignore[misc, call-arg]


def test_records_compare_hash_and_copy_by_their_fields(failed: str) -> None:
    text = failed.replace('"requestPayload":', ' "requestPayload" : ') + "\n"
    record, spaced = InvocationRecord.from_json(failed), InvocationRecord.from_json(text)
    assert record == spaced
    assert len({record, spaced, InvocationRecord.from_dict(json.loads(failed))}) == 1
    for again in (copy.copy(spaced), copy.deepcopy(spaced), pickle.loads(pickle.dumps(spaced)), replace(spaced)):  # noqa: S301  (its own pickle)
        assert again == spaced
        assert again.to_json() == text
    assert record != replace(record, request_payload={"orderId": "o-18"})
    assert record != failed


def test_the_annotations_can_be_resolved_at_run_time() -> None:
    assert get_type_hints(InvocationRecord)["timestamp"] is datetime
    assert get_type_hints(Arrival)["record"] == InvocationRecord | None


def test_a_record_prints_without_its_payloads(failed: str) -> None:
    printed = repr(InvocationRecord.from_json(failed.replace("o-17", "secret" * 1000)))
    assert "secret" not in printed
    assert "function_arn='arn:aws:lambda:eu-west-1:111122223333:function:orders:$LATEST'" in printed
    assert "request_payload=<an object of 2 members>" in printed


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"timestamp": datetime(2026, 9, 14)}, "timestamp"),  # noqa: DTZ001  (the mistake itself)
        ({"timestamp": "2026-09-14T15:23:02.161Z"}, "timestamp"),
        ({"timestamp": datetime.min.replace(tzinfo=timezone(timedelta(hours=2)))}, "timestamp"),
        ({"request_id": None}, "requestContext.requestId"),
        ({"function_arn": "arn:aws:sqs:eu-west-1:111122223333:failed"}, "requestContext.functionArn"),
        ({"condition": 3}, "requestContext.condition"),
        ({"approximate_invoke_count": True}, "requestContext.approximateInvokeCount"),
        ({"approximate_invoke_count": -1}, "requestContext.approximateInvokeCount"),
        ({"status_code": "200"}, "responseContext.statusCode"),
        ({"request_payload": {"a": float("nan")}}, "requestPayload"),
        ({"response_payload": "\ud800"}, "responsePayload"),
        ({"response_payload": object()}, "responsePayload"),
    ],
)
def test_a_record_that_could_not_be_read_cannot_be_made(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidRecord) as caught:
        made(**changes)
    assert caught.value.path == path
