"""How often an event was redriven is known over runs, and at `max_redrives` it is sent no more."""

import json

import pytest

from lambda_destinations import InvalidSource
from lambda_destinations.redrive import redrive
from support.records import record


def test_an_event_that_fails_at_once_is_not_sent_twice_in_a_run(world, failing):
    world.put(*(record({"n": n}).to_json() for n in range(3)))
    for _ in range(3):
        report = redrive(world.name, endpoint_url=failing)
        assert (report.sent, report.deleted) == (3, 3)
    assert redrive(world.name, endpoint_url=failing).left == {"redriven 3 times already": 3}
    assert len(world.visible()) == 3


@pytest.mark.parametrize("kind", ["queue", "bucket"])
def test_an_event_that_keeps_failing_ends_in_the_quarantine(world, tmp_path, kind):
    quarantine = world.new_queue(f"{world.name}-q")
    source = world.name if kind == "queue" else f"s3://{world.bucket}/aws/"
    put = world.put if kind == "queue" else world.put_objects
    lines, request_id = tmp_path / "lines.jsonl", None
    for redrives in (1, 2):
        put(record("again", request_id=request_id).to_json())
        assert redrive(source, endpoint_url=world.url, max_redrives=2, report=lines).sent == 1
        last = json.loads(lines.read_text().splitlines()[-1])
        assert last["redrives"] == redrives
        request_id = last["new_request_id"]
    text = record("again", request_id=request_id).to_json()
    put(text)
    survey = redrive(source, endpoint_url=world.url, max_redrives=2, dry_run=True)
    assert (dict(survey.left), dict(survey.targets)) == ({"redriven 2 times already": 1}, {})
    assert redrive(source, endpoint_url=world.url, max_redrives=2).left == {"redriven 2 times already": 1}
    copies = tmp_path / "copies"
    report = redrive(source, endpoint_url=world.url, max_redrives=2, quarantine=f"{world.name}-q", export=copies)
    assert (report.sent, report.quarantined, report.deleted, report.complete) == (0, 1, 1, False)
    assert world.visible(quarantine) == [text]
    assert [path.read_text() for path in copies.iterdir()] == [text]
    assert world.visible() == []
    assert world.objects() == []


@pytest.mark.parametrize("what", ["CreateQueue", "GetQueueUrl"])
def test_no_event_is_sent_whose_count_cannot_be_kept(world, proxy, what):
    world.put(record({"n": 1}).to_json())
    name = f"{world.name}-redrives".encode()
    denied = proxy(lambda asked, body: (403, "AccessDenied") if asked == f"AmazonSQS.{what}" and name in body else None)
    with pytest.raises(InvalidSource, match=f"cannot .* the queue {world.name}-redrives.*; allow sqs:CreateQueue"):
        redrive(world.name, endpoint_url=denied)
    assert len(world.visible()) == 1
    assert world.arrived(1, patience=1) == []


def test_no_event_of_a_bucket_is_sent_whose_count_cannot_be_kept(world, proxy):
    world.put_objects(record({"n": 1}).to_json())
    denied = proxy(lambda path, _: (403, "AccessDenied") if "/lambda-destinations/redrives/check" in path else None)
    with pytest.raises(InvalidSource, match=r"cannot write to s3://.*allow s3:PutObject there"):
        redrive(f"s3://{world.bucket}/aws/", endpoint_url=denied)
    assert len(world.objects()) == 1


def test_the_counts_of_a_bucket_are_no_records(world):
    world.put_objects(record({"n": 1}).to_json())
    assert redrive(f"s3://{world.bucket}", endpoint_url=world.url).sent == 1
    assert len(world.objects("lambda-destinations/redrives/")) == 2
    assert redrive(f"s3://{world.bucket}", endpoint_url=world.url).scanned == 0


def test_messages_in_the_queue_of_counts_that_are_none_are_said(world):
    url = world.new_queue(f"{world.name}-redrives")
    world.sqs.send_message(QueueUrl=url, MessageBody="what is this")
    world.put(record({"n": 1}).to_json())
    report = redrive(world.name, endpoint_url=world.url)
    assert report.sent == 1
    assert report.notes == [f"1 messages of {world.name}-redrives hold no counts of redrives; they are left"]


def test_a_quarantine_that_is_the_source_is_an_error(world):
    with pytest.raises(InvalidSource, match="give another queue"):
        redrive(world.name, endpoint_url=world.url, quarantine=world.name)
    with pytest.raises(InvalidSource, match="cannot find the quarantine queue"):
        redrive(world.name, endpoint_url=world.url, quarantine="nowhere")
