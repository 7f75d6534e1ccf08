"""What AWS refuses in the middle of a run: the report says it, counts are kept, and the other records go on."""

import json

import pytest

from lambda_destinations import InvalidSource, cli
from lambda_destinations.redrive import redrive
from support.records import record


def refusing(asked, status=403, code="AccessDenied", *, after=0):
    """Refuse what `asked` says, after so many calls of it."""
    calls = iter(range(10**6))
    return lambda what, body: (status, code) if asked(what, body) and next(calls) >= after else None


def test_an_error_in_the_middle_ends_the_run_with_the_report(world, proxy):
    world.put(*(record({"n": n}).to_json() for n in range(30)))
    expired = refusing(lambda what, _: what == "AmazonSQS.ReceiveMessage", 400, "ExpiredToken", after=2)
    report = redrive(world.name, endpoint_url=proxy(expired), concurrency=1)
    assert report.sent == report.deleted > 0
    assert not report.complete
    assert report.stopped.startswith("AWS: ")
    assert "ExpiredToken" in report.stopped
    assert len(world.visible()) == 30 - report.sent


@pytest.mark.parametrize("kind", ["queue", "bucket"])
def test_records_that_cannot_be_deleted_are_counted_and_the_run_stops(world, proxy, kind):
    bodies = [record({"n": n}).to_json() for n in range(3)]
    if kind == "queue":
        world.put(*bodies)
        source, denied = world.name, refusing(lambda what, _: what == "AmazonSQS.DeleteMessageBatch")
    else:
        world.put_objects(*bodies)
        source, denied = f"s3://{world.bucket}/aws/", refusing(lambda what, _: what.endswith("?delete"))
    report = redrive(source, endpoint_url=proxy(denied), max_redrives=1)
    assert (report.sent, report.deleted, report.complete) == (3, 0, False)
    assert report.stopped.startswith("3 records were sent and could not be deleted: ")
    assert redrive(source, endpoint_url=world.url, max_redrives=1).left == {"redriven 1 times already": 3}


def test_a_list_that_did_not_see_all_has_the_status_of_an_error(world, proxy, capsys):
    world.put(*(record({"n": n}).to_json() for n in range(30)))
    expired = refusing(lambda what, _: what == "AmazonSQS.ReceiveMessage", 400, "ExpiredToken", after=1)
    assert cli.main(["redrive", world.name, "--list", "--endpoint-url", proxy(expired)]) == 2
    assert "stopped: AWS: " in capsys.readouterr().err


def test_objects_that_s3_does_not_delete_are_counted_under_their_own_id(world, monkeypatch):
    """DeleteObjects answers 200, and names the objects that it did not delete."""
    from lambda_destinations.redrive import _bucket

    monkeypatch.setattr(_bucket.BucketSource, "delete", lambda _self, _items: (0, "AccessDenied"))
    world.put_objects(*(record({"n": n}).to_json() for n in range(3)))
    source = f"s3://{world.bucket}/aws/"
    report = redrive(source, endpoint_url=world.url, max_redrives=1)
    assert (report.sent, report.stopped) == (3, "3 records were sent and could not be deleted: AccessDenied")
    assert redrive(source, endpoint_url=world.url, max_redrives=1).left == {"redriven 1 times already": 3}


def test_a_count_that_cannot_be_kept_ends_the_run_and_the_sent_record_goes(world, proxy, tmp_path):
    world.put_objects(record({"n": 1}).to_json())
    counts = refusing(lambda what, _: "/lambda-destinations/redrives/" in what and "check" not in what, after=1)
    lines = tmp_path / "lines.jsonl"
    report = redrive(f"s3://{world.bucket}/aws/", endpoint_url=proxy(counts), report=lines)
    assert (report.sent, report.deleted, report.complete) == (1, 1, False)
    assert "count could not be kept" in report.stopped
    assert json.loads(lines.read_text())["event"] == "sent"


def test_an_object_that_cannot_be_read_is_left_and_the_others_go(world, proxy):
    world.put_objects(*(record({"n": n}).to_json() for n in range(3)))
    archived = refusing(lambda what, _: what.endswith("redriven/00001"), 403, "InvalidObjectState")
    report = redrive(f"s3://{world.bucket}/aws/", endpoint_url=proxy(archived))
    assert (report.sent, report.complete) == (2, False)
    ((reason, count),) = report.left.items()
    assert count == 1
    assert "it cannot be read" in reason


def test_a_quarantine_that_refuses_leaves_the_record_and_the_others_go(world, proxy):
    world.new_queue(f"{world.name}-q")
    world.put(record({"n": 1}).to_json())
    redrive(world.name, endpoint_url=world.url, keep=True, max_redrives=1)
    world.put(record({"n": 2}).to_json())
    denied = proxy(refusing(lambda what, body: what == "AmazonSQS.SendMessage" and b"requestPayload" in body))
    report = redrive(world.name, endpoint_url=denied, max_redrives=1, quarantine=f"{world.name}-q")
    assert (report.sent, report.quarantined, sum(report.left.values())) == (1, 0, 1)
    assert len(world.visible()) == 1


def test_a_function_in_a_region_that_is_none_is_left_and_the_others_go(world):
    world.put(record({"n": 1}).to_json().replace("us-east-1", "us_east"), record({"n": 2}).to_json())
    report = redrive(world.name, endpoint_url=world.url)
    assert (report.sent, list(report.left.values())) == (1, [1])


def test_no_connection_is_tried_again(world, monkeypatch):
    from botocore.exceptions import ConnectTimeoutError

    from lambda_destinations.redrive._clients import Clients

    get, failed = Clients.get, []

    def fails_once(self, service, *arguments, **options):
        if service == "lambda" and not failed:
            failed.append(service)
            raise ConnectTimeoutError(endpoint_url="x")
        return get(self, service, *arguments, **options)

    monkeypatch.setattr(Clients, "get", fails_once)
    world.put(record({"n": 1}).to_json())
    report = redrive(world.name, endpoint_url=world.url)
    assert (report.sent, report.retries) == (1, 1)


def test_no_more_is_sent_than_was_confirmed(world):
    world.add_function("other")
    world.put(*(record({"n": n}).to_json() for n in range(3)), record({"n": 9}, function="other").to_json())
    target = "arn:aws:lambda:us-east-1:000000000000:function:redriven:$LATEST"
    report = redrive(world.name, endpoint_url=world.url, confirmed={target: 2})
    assert (report.sent, dict(report.left)) == (2, {"it was not confirmed": 2})
    assert len(world.visible()) == 2


def test_counts_that_another_run_is_reading_are_waited_for_and_then_an_error(world, monkeypatch):
    from lambda_destinations.redrive import _queue_ledger

    monkeypatch.setattr(_queue_ledger, "_PATIENCE", 1)
    url = world.new_queue(f"{world.name}-redrives")
    world.sqs.send_message(QueueUrl=url, MessageBody='{"redrives": {}}')
    world.sqs.receive_message(QueueUrl=url, VisibilityTimeout=600)
    world.put(record({"n": 1}).to_json())
    assert "another run reads" in redrive(world.name, endpoint_url=world.url, dry_run=True).notes[0]
    with pytest.raises(InvalidSource, match=r"another run reads .*-redrives.*; try again in a minute"):
        redrive(world.name, endpoint_url=world.url)
    assert len(world.visible()) == 1


def test_counts_are_read_to_their_end_also_when_that_takes_longer_than_they_are_held(world, monkeypatch):
    from lambda_destinations.redrive import _queue_ledger

    monkeypatch.setattr(_queue_ledger, "_HOLD", 1)
    url = world.new_queue(f"{world.name}-redrives")
    body = json.dumps({"redrives": {"5f2c1a0e-93d4-4c1b-8a76-2b1f0c9de401": 3}})
    for _ in range(40):
        entries = [{"Id": str(n), "MessageBody": body} for n in range(10)]
        world.sqs.send_message_batch(QueueUrl=url, Entries=entries)
    world.put(record({"n": 1}, request_id="5f2c1a0e-93d4-4c1b-8a76-2b1f0c9de401").to_json())
    assert redrive(world.name, endpoint_url=world.url, dry_run=True).left == {"redriven 3 times already": 1}


@pytest.mark.parametrize("suffix", ["", "/"])
def test_the_source_by_its_url_is_not_a_quarantine(world, suffix):
    with pytest.raises(InvalidSource, match="give another queue"):
        redrive(world.name, endpoint_url=world.url, quarantine=world.queue + suffix)


@pytest.mark.parametrize(("receives", "canary", "refused"), [(2, 0, True), (3, 0, False), (9, 1, True), (10, 1, False)])
def test_a_queue_that_moves_what_is_looked_at_too_often_is_refused(world, receives, canary, refused):
    world.new_queue(f"{world.name}-dlq")
    policy = {"deadLetterTargetArn": f"{world.arn}-dlq", "maxReceiveCount": receives}
    world.sqs.set_queue_attributes(QueueUrl=world.queue, Attributes={"RedrivePolicy": json.dumps(policy)})
    world.put(record({"n": 1}).to_json())
    options = {"canary": canary, "canary_wait": 1} if canary else {}
    if refused:
        with pytest.raises(InvalidSource, match="remove the policy while you redrive"):
            redrive(world.name, endpoint_url=world.url, **options)
        return
    report = redrive(world.name, endpoint_url=world.url, **options)
    assert report.sent == 1
    assert f"after {receives} SQS moves a message" in report.notes[0]


def test_a_report_that_cannot_be_written_ends_the_run_and_the_sent_records_go(world, capsys):
    world.put(*(record({"n": n}).to_json() for n in range(40)))
    command = ["redrive", world.name, "--yes", "--endpoint-url", world.url, "--concurrency", "1"]
    status = cli.main([*command, "--report", "/dev/full"])
    shown = capsys.readouterr()
    assert status == 2
    assert shown.err.splitlines()[-1] == "error: cannot write /dev/full: No space left on device; check the path"
    assert len(world.visible()) + len(world.arrived(40, patience=1)) == 40


def test_a_scan_ends_where_sqs_hides_no_more_messages_and_says_so(world, monkeypatch):
    from lambda_destinations.redrive import _queue

    monkeypatch.setattr(_queue, "_HELD_MOST", 20)
    world.put(*(f"garbage {n}" for n in range(60)))
    report = redrive(world.name, endpoint_url=world.url)
    assert 20 <= report.scanned < 60
    assert "the others were not seen" in report.stopped
    assert not report.complete
    assert len(world.visible()) == 60
