"""A few events first: if one of them fails again, or nobody can know it, the rest is not sent."""

from dataclasses import replace

import pytest

from lambda_destinations.redrive import redrive
from support.records import record


def configure(world, function, destination):
    world.lambda_.put_function_event_invoke_config(
        FunctionName=function, MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": destination}}
    )


def test_a_canary_that_fails_again_stops_the_rest(world, failing):
    configure(world, "redriven", world.arn)
    world.put(*(record({"n": n}).to_json() for n in range(12)))
    report = redrive(world.name, endpoint_url=failing, canary=2)
    assert (report.sent, report.stopped, report.complete) == (2, "a canary failed again", False)
    assert "failed again (RetriesExhausted: ValueError" in report.canary
    assert len(world.visible()) == 12


def test_canaries_that_do_not_come_back_let_the_rest_pass(world, tmp_path):
    world.put("garbage", *(record({"n": n}).to_json() for n in range(12)))
    lines = tmp_path / "lines.jsonl"
    report = redrive(world.name, endpoint_url=world.url, canary=2, canary_wait=1, report=lines)
    assert (report.sent, report.matched, report.deleted, report.complete) == (12, 12, 12, True)
    assert report.canary == "canary: 2 sent, none came back within 1 s"
    assert sorted(each["n"] for each in world.arrived(12)) == list(range(12))
    assert len(lines.read_text().splitlines()) == 13  # each once, although two passes saw the garbage


@pytest.mark.parametrize("destination", [None, "arn:aws:sqs:us-east-1:000000000000:elsewhere"])
def test_where_nobody_can_know_the_rest_is_not_sent(world, destination):
    if destination:
        configure(world, "redriven", destination)
    world.put(*(record({"n": n}).to_json() for n in range(12)))
    report = redrive(world.name, endpoint_url=world.url, canary=3)
    assert (report.sent, report.complete) == (3, False)
    assert report.canary == "canary: 3 sent, what became of them is unknown"
    assert "redriven" in report.stopped
    assert len(world.visible()) == 9


def test_a_canary_that_cannot_be_sent_stops_the_rest(world):
    world.put(*(record({"n": n}, function="gone").to_json() for n in range(12)))
    report = redrive(world.name, endpoint_url=world.url, canary=2)
    assert (report.sent, report.stopped) == (0, "a canary was not sent")
    assert len(world.visible()) == 12


def test_a_limit_counts_the_canaries(world):
    world.put(*(record({"n": n}).to_json() for n in range(12)))
    report = redrive(world.name, endpoint_url=world.url, canary=2, canary_wait=1, limit=5)
    assert (report.sent, report.deleted) == (5, 5)
    assert len(world.visible()) == 7


def test_a_limit_that_is_the_number_of_canaries_says_that_there_are_more(world):
    world.put(*(record({"n": n}).to_json() for n in range(6)))
    report = redrive(world.name, endpoint_url=world.url, canary=2, canary_wait=1, limit=2)
    assert (report.sent, report.complete) == (2, False)
    assert redrive(world.name, endpoint_url=world.url, canary=4, canary_wait=1, limit=4).complete


def test_the_record_of_a_success_is_not_a_failure(world, proxy):
    """A queue can have both."""
    configure(world, "redriven", world.arn)

    def succeed(what, _body, headers):
        if what.endswith("/invocations"):
            done = replace(record(1, request_id=headers["x-amzn-requestid"]), condition="Success")
            world.put(done.to_json())

    world.put(*(record({"n": n}).to_json() for n in range(6)))
    report = redrive(world.name, endpoint_url=proxy(after=succeed), canary=2, canary_wait=2)
    assert (report.sent, report.stopped) == (6, None)


def test_two_passes_count_each_record_once(world):
    world.put(
        "garbage",
        *(record({"n": n}).to_json() for n in range(8)),
        record({"n": 9}, function="gone", condition="EventAgeExceeded").to_json(),
    )
    report = redrive(world.name, endpoint_url=world.url, canary=2, canary_wait=1, conditions=["RetriesExhausted"])
    assert (report.scanned, report.matched, report.sent, report.skipped) == (10, 8, 8, 1)
    assert sum(count for count, _, _ in report.groups.values()) == 8
    assert sum(report.not_records.values()) == 1


def test_kept_canaries_are_not_sent_twice(world):
    world.put(*(record({"n": n}).to_json() for n in range(6)))
    report = redrive(world.name, endpoint_url=world.url, canary=2, canary_wait=1, keep=True)
    assert (report.sent, report.deleted) == (6, 0)
    assert sorted(each["n"] for each in world.arrived(6)) == list(range(6))


def test_canaries_of_a_bucket(world):
    world.put_objects(*(record({"n": n}).to_json() for n in range(6)))
    report = redrive(f"s3://{world.bucket}/aws/", endpoint_url=world.url, canary=2, canary_wait=1)
    assert (report.sent, report.deleted, report.complete) == (6, 6, True)


def test_a_canary_pass_that_finds_nothing_to_send_still_reports_what_there_is(world):
    world.put(*(record({"n": n}).to_json() for n in range(3)), "garbage")
    report = redrive(world.name, endpoint_url=world.url, canary=2, edit="typo")
    assert (report.sent, dict(report.left), report.complete) == (0, {"edit gives null": 3}, False)
    assert (report.scanned, sum(report.not_records.values())) == (4, 1)


def test_an_error_of_aws_after_the_canaries_keeps_the_report(world, proxy):
    world.put(*(record({"n": n}).to_json() for n in range(6)))
    sent = []

    def refuse(what, body):
        sent.extend([body] if what.endswith("/invocations") else [])
        return (400, "ExpiredToken") if what == "AmazonSQS.GetQueueAttributes" and sent else None

    report = redrive(world.name, endpoint_url=proxy(refuse), canary=2, canary_wait=1)
    assert (report.sent, report.deleted, report.complete) == (2, 2, False)
    assert "ExpiredToken" in report.stopped


def test_a_canary_that_fails_late_stops_the_rest_when_it_is_found(world, monkeypatch, failing):
    from lambda_destinations.redrive import _run

    monkeypatch.setattr(_run, "watch", lambda *_: ("none came back", None))
    world.put(*(record({"n": n}).to_json() for n in range(40)))
    report = redrive(world.name, endpoint_url=failing, canary=2, canary_wait=1, concurrency=1)
    assert (report.stopped, report.complete) == ("a canary failed again", False)
