"""A record is found in every kind of event; for a message without a record, the error says what it is."""

# ruff: noqa: E501  (a line of a table is a case)

import json
import re
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from lambda_destinations import InvalidRecord, InvocationRecord, envelopes, iter_records, records_in
from lambda_destinations.record import envelopes as inner

NOW = datetime(2026, 9, 14, 15, 23, 2, 390000, timezone.utc)


def test_every_event_gives_its_records(event_file: Path, failed: str) -> None:
    event = json.loads(event_file.read_bytes())
    records = records_in(event)
    expected = {"event_bridge_pipe": 2, "sqs": 2, "sqs_received_nothing": 0}.get(event_file.stem, 1)
    assert len(records) == expected
    if records and event_file.stem != "event_bridge_success":
        assert records[0].to_json() == failed


@pytest.mark.parametrize("name", ["lambda", "event_bridge_failure"])
def test_the_text_of_a_message_is_read_like_the_message(fixtures: Path, failed: str, name: str) -> None:
    document = (fixtures / "events" / f"{name}.json").read_bytes()
    assert [record.to_json() for record in records_in(document)] == [failed]
    assert [record.to_json() for record in records_in(document.decode())] == [failed]


@pytest.mark.parametrize(
    ("name", "got", "path"),
    [
        ("kinesis", "the failure record of an event source mapping of a Kinesis stream", "KinesisBatchInfo"),
        ("dynamodb", "the failure record of an event source mapping of a DynamoDB stream", "DDBStreamBatchInfo"),
        ("kafka", "the failure record of an event source mapping of Kafka", "KafkaBatchInfo"),
        ("dead_letter_queue", "a dead-letter message", "Records[0].messageAttributes"),
        ("dead_letter_topic", "a dead-letter message", "Records[0].Sns.MessageAttributes"),
        ("s3_notification", "an S3 event notification", "Records[0]"),
        ("s3_test_event", "an S3 event notification", ""),
        ("s3_through_event_bridge", "an S3 event notification", ""),
    ],
)
def test_the_error_names_other_documents_that_arrive_on_the_same_resources(
    fixtures: Path, name: str, got: str, path: str
) -> None:
    document = json.loads((fixtures / "others" / f"{name}.json").read_bytes())
    (arrival,) = iter_records(document)
    assert arrival.record is None
    assert arrival.error is not None
    assert got in arrival.error.got
    assert arrival.error.path == path


def test_no_other_document_is_read_as_a_record(other_file: Path) -> None:
    document = other_file.read_text()
    with pytest.raises(InvalidRecord):
        InvocationRecord.from_json(document)
    with pytest.raises(InvalidRecord, match="Records"):
        records_in({"Records": [{"eventSource": "aws:sqs", "body": document}]})


def test_a_failure_record_without_a_batch_is_known_by_its_condition(failed: str) -> None:
    document = json.loads(failed.replace("RetriesExhausted", "RetryAttemptsExhausted"))
    assert InvocationRecord.from_dict(document).condition == "RetryAttemptsExhausted"
    del document["requestPayload"]
    with pytest.raises(InvalidRecord, match="event source mapping"):
        InvocationRecord.from_dict(document)


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (None, "got null, wanted an event or a message, as a dict or as its JSON"),
        ([3], "got 3 in '[0]', wanted an event or a message, as a dict or as its JSON"),
        ({}, "got an object with no member, wanted an invocation record; a dead-letter queue holds bare events"),
        ({"Records": [{"eventSource": "aws:kinesis"}]}, "got 'aws:kinesis' in 'Records[0].eventSource', wanted 'aws:sqs' or 'aws:sns'"),
        ({"Records": [{"eventSource": "aws:sqs", "body": "oops"}]}, "got invalid JSON at character 0 in 'Records[0].body', wanted JSON (a value)"),
        ({"Messages": [{"Body": 3}]}, "got 3 in 'Messages[0].Body', wanted JSON as str or bytes"),
        ({"detail-type": "Order", "source": "shop", "detail": {}}, "got 'Order' from 'shop' in 'detail-type', wanted 'Lambda Function Invocation Result - ...' from 'lambda'"),
        ({"detail-type": "Lambda Function Invocation Result - Failure", "source": "lambda"}, "got null in 'detail', wanted an object"),
        ({"Type": "Notification", "Message": '{"Type":"Notification","Message":"{"}'}, "got invalid JSON at character 1 in 'Message.Message', wanted JSON (the name of a member)"),
        ({1: 2}, "got 1 as the name of a member, wanted a string"),
    ],
)  # fmt: skip
def test_the_error_has_the_path_in_the_event(event: Any, message: str) -> None:
    with pytest.raises(InvalidRecord) as caught:
        records_in(event)
    assert str(caught.value) == message


def test_a_handler_answers_with_the_messages_that_it_could_not_read(failed: str) -> None:
    record = InvocationRecord.from_json(failed)
    event = envelopes.sqs_event(record, record, record, message_ids=["a", "b", "c"])
    event["Records"][1]["body"] = "{"
    seen, failures = [], []
    for arrival in iter_records(event):
        if arrival.record is None:
            failures.append({"itemIdentifier": arrival.message_id})
        else:
            seen.append(arrival.record)
    assert seen == [record, record]
    assert failures == [{"itemIdentifier": "b"}]


def test_no_record_of_a_partly_bad_batch_is_returned_or_lost(failed: str) -> None:
    event = envelopes.sqs_event(*[InvocationRecord.from_json(failed)] * 3)
    event["Records"][2]["body"] = failed.replace('"version":"1.0",', "")
    with pytest.raises(InvalidRecord, match=r"1 of 3 messages hold no record, iter_records gives the others") as caught:
        records_in(event)
    assert caught.value.path == "Records[2].body.version"


@pytest.mark.parametrize(
    ("message", "message_id"),
    [
        ({"messageId": "q", "body": "{"}, "q"),
        ({"MessageId": "q", "Body": "{"}, "q"),
        ({"EventSource": "aws:sns", "Sns": {"MessageId": "t", "Message": "{"}}, "t"),
        ({"id": "e", "detail-type": 3}, "e"),
        ({"messageId": 3, "body": "{"}, None),
        ("{", None),
    ],
)
def test_a_message_that_cannot_be_read_keeps_its_id(message: Any, message_id: str | None) -> None:
    (arrival,) = iter_records([message])
    assert arrival.error is not None
    assert arrival.message_id == message_id


def test_the_record_is_read_from_the_event_of_each_service(record_file: Path) -> None:
    record = InvocationRecord.from_json(record_file.read_bytes())
    verbatim = {
        "sqs": envelopes.sqs_event(record),
        "sns": envelopes.sns_event(record),
        "sns through sqs": envelopes.sqs_event(envelopes.sns_notification(record)),
        "s3": envelopes.s3_object(record).body,
    }
    decoded = {
        "lambda": envelopes.lambda_event(record),
        "event bridge": envelopes.event_bridge_event(record),
        "event bridge through sqs": envelopes.sqs_event(envelopes.event_bridge_event(record)),
        "event bridge through sns": envelopes.sns_event(envelopes.event_bridge_event(record)),
        "and then sqs": envelopes.sqs_event(envelopes.sns_notification(envelopes.event_bridge_event(record))),
    }
    for way, event in verbatim.items():
        assert [found.to_json() for found in records_in(event)] == [record.to_json()], way
    for way, event in decoded.items():
        assert [found.to_dict() for found in records_in(event)] == [record.to_dict()], way


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("sqs", lambda record: envelopes.sqs_event(record, time=NOW)),
        ("sns", lambda record: envelopes.sns_event(record, time=NOW)),
        ("sns_through_sqs", lambda record: envelopes.sqs_event(envelopes.sns_notification(record))),
        ("event_bridge_failure", envelopes.event_bridge_event),
    ],
)
def test_an_envelope_has_the_members_of_a_real_one(fixtures: Path, failed: str, name: str, make: Any) -> None:
    real = json.loads((fixtures / "events" / f"{name}.json").read_bytes())
    made = make(InvocationRecord.from_json(failed))
    real, made = (document.get("Records", [document])[0] for document in (real, made))
    assert made.keys() == real.keys()
    if name == "sns":
        assert made["Sns"].keys() == real["Sns"].keys()
    if name == "sns_through_sqs":
        assert json.loads(made["body"]).keys() == json.loads(real["body"]).keys()


def test_given_ids_and_times_are_used(failed: str) -> None:
    record = InvocationRecord.from_json(failed)
    (message,) = envelopes.sqs_event(record, message_ids=["m"], queue_arn="arn:aws:sqs:eu-west-1:1:q", time=NOW)[
        "Records"
    ]
    assert (message["messageId"], message["awsRegion"]) == ("m", "eu-west-1")
    assert message["attributes"]["SentTimestamp"] == "1789399382390"
    sns = envelopes.sns_event(record, message_id="n", topic_arn="arn:aws:sns:eu-west-1:1:t", time=NOW)["Records"][0][
        "Sns"
    ]
    assert (sns["MessageId"], sns["TopicArn"], sns["Timestamp"]) == (
        "n",
        "arn:aws:sns:eu-west-1:1:t",
        "2026-09-14T15:23:02.390Z",
    )
    event = envelopes.event_bridge_event(record, event_id="e", bus_arn="bus", time=NOW)
    assert (event["id"], event["time"]) == ("e", "2026-09-14T15:23:02Z")
    assert event["resources"] == ["bus", record.function_arn]
    with pytest.raises(ValueError, match="zip"):
        envelopes.sqs_event(record, message_ids=["a", "b"])


def test_an_event_bridge_event_has_the_outcome_and_always_a_qualifier(fixtures: Path) -> None:
    record = InvocationRecord.from_json((fixtures / "records" / "unqualified.json").read_bytes())
    event = envelopes.event_bridge_event(record)
    assert event["detail-type"] == "Lambda Function Invocation Result - Success"
    assert event["resources"] == [
        "arn:aws:events:eu-west-1:111122223333:event-bus/default",
        "arn:aws:lambda:eu-west-1:111122223333:function:orders:$LATEST",
    ]


def test_an_object_in_s3_has_the_key_that_lambda_gives_it(failed: str) -> None:
    key, body = envelopes.s3_object(InvocationRecord.from_json(failed), object_id="5f2c1a0e")
    assert key == "aws/lambda/async/orders/2026/09/14/2026-09-14T15.23.02-5f2c1a0e"
    assert body.decode() == failed
    assert re.search(r"-[0-9a-f-]{36}$", envelopes.s3_object(InvocationRecord.from_json(failed)).key)


def test_reading_records_imports_the_standard_library_only() -> None:
    """A function that reads records must not need the CDK, jsii or boto3."""
    code = (
        "import sys; before = set(sys.modules); from lambda_destinations import InvocationRecord, envelopes, records_in; "
        "print(*sorted({name.split('.')[0] for name in set(sys.modules) - before}))"
    )
    loaded = set(
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    )
    assert loaded - sys.stdlib_module_names == {"lambda_destinations"}
    assert (
        "uuid"
        not in subprocess.run(
            [sys.executable, "-c", "import sys; from lambda_destinations import records_in; print(*sys.modules)"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split()
    )


def test_the_public_path_of_the_envelopes_has_all_of_them() -> None:
    assert envelopes.__all__ == inner.__all__
    assert all(getattr(envelopes, name) is getattr(inner, name) for name in inner.__all__)
