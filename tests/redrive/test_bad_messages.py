"""What is not a record, or cannot be sent, is never sent and never deleted; it is named, and visible again at once."""

import json

import pytest

from lambda_destinations.redrive import handler, redrive
from support.failures import BAD, message, too_large
from support.records import record

KINDS = pytest.mark.parametrize("kind", BAD)


@KINDS
def test_in_a_queue(world, kind):
    world.put(message(kind))
    report = redrive(world.name, endpoint_url=world.url)
    assert (report.sent, report.deleted, report.matched) == (0, 0, 0)
    assert world.visible() == [BAD[kind][0]]
    if BAD[kind][1] is None:
        assert report.skipped == 1
    else:
        ((reason, count),) = report.not_records.items()
        assert count == 1
        assert BAD[kind][1] in reason


def test_in_a_bucket(world):
    bodies = {kind: body for kind, (body, _) in BAD.items() if kind != "dead letter"}
    world.put_objects(*bodies.values(), b"\xff", b"", too_large(), b" " * (17 * 1_048_576))
    report = redrive(f"s3://{world.bucket}/aws/", endpoint_url=world.url)
    assert (report.sent, report.deleted, report.skipped) == (0, 0, 1)
    assert sum(report.not_records.values()) == len(bodies) + 4 - 1
    assert len(world.objects()) == len(bodies) + 4
    assert [reason for reason in report.not_records if "more than" in reason]


@KINDS
def test_in_the_handler(world, monkeypatch, capsys, kind):
    monkeypatch.setenv("AWS_ENDPOINT_URL", world.url)
    body, reason = BAD[kind]
    attributes = {}
    if kind == "dead letter":
        attributes = {name: {"stringValue": "1", "dataType": "String"} for name in ("RequestID", "ErrorCode")}
    event = {"Records": [{"messageId": "1", "body": body, "messageAttributes": attributes, "eventSource": "aws:sqs"}]}
    assert handler(event, None) == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    line = json.loads(capsys.readouterr().out)
    assert line["event"] == ("left" if reason is None else "not a record")
    assert ("it succeeded" if reason is None else reason) in line["reason"]


def test_a_message_that_only_looks_like_many_does_not_fill_the_report(world):
    world.put(*(f"garbage {n}" for n in range(150)), record(1).to_json())
    report = redrive(world.name, endpoint_url=world.url)
    assert (report.sent, sum(report.not_records.values())) == (1, 150)
    assert len(report.not_records) <= 101
    assert len(world.visible()) == 150
