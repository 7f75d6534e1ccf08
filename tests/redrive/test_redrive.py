"""Failed events go back at least once, and nothing else is touched."""

import json
import os
import random
import subprocess
import sys
import time

import pytest

from lambda_destinations import cli
from lambda_destinations.redrive import handler, redrive
from support.records import record

GARBAGE = ["no JSON", '{"a": "bare event"}', '{"KinesisBatchInfo": {}, "requestContext": {}, "version": "1.0"}']


def test_each_event_arrives_to_the_byte_and_what_is_not_a_record_stays(world):
    world.put(*(record({"n": n}).to_json() for n in range(12)), *GARBAGE)
    report = redrive(world.name, endpoint_url=world.url)
    assert (report.sent, report.deleted, report.complete) == (12, 12, True)
    assert sum(report.not_records.values()) == 3
    assert sorted(world.visible()) == sorted(GARBAGE)
    assert sorted(each["n"] for each in world.arrived(12)) == list(range(12))


def test_a_dry_run_touches_nothing(world):
    world.put(*(record({"n": n}).to_json() for n in range(12)))
    report = redrive(world.name, endpoint_url=world.url, dry_run=True)
    assert (report.matched, report.sent) == (12, 0)
    assert len(world.visible()) == 12


def test_what_a_filter_leaves_is_visible_at_once(world):
    world.put(record(1).to_json(), record(2, response_payload={"errorType": "KeyError"}).to_json())
    report = redrive(world.name, endpoint_url=world.url, error_types=["KeyError"], where="requestPayload == `2`")
    assert (report.sent, report.skipped) == (1, 1)
    assert [json.loads(body)["requestPayload"] for body in world.visible()] == [1]


def test_an_event_that_keeps_failing_is_quarantined_in_a_later_run(world, tmp_path):
    quarantine = world.sqs.create_queue(QueueName=f"{world.name}-q")["QueueUrl"]
    request_id = None
    for _ in range(2):
        world.put(record("again", request_id=request_id).to_json())
        lines = tmp_path / "report.jsonl"
        report = redrive(world.name, endpoint_url=world.url, max_redrives=2, report=lines)
        assert report.sent == 1
        request_id = json.loads(lines.read_text().splitlines()[-1])["new_request_id"]
    world.put(record("again", request_id=request_id).to_json())
    assert redrive(world.name, endpoint_url=world.url, max_redrives=2).left == {"redriven 2 times already": 1}
    report = redrive(world.name, endpoint_url=world.url, max_redrives=2, quarantine=quarantine)
    assert (report.sent, report.quarantined, report.complete) == (0, 1, False)
    assert len(world.visible(quarantine)) == 1
    assert world.visible() == []


def test_a_function_that_is_gone_is_reported_once_and_its_records_stay(world):
    world.put(*(record(n, function="gone").to_json() for n in range(12)))
    report = redrive(world.name, endpoint_url=world.url)
    assert len(report.notes) == 1
    assert (report.sent, sum(report.left.values()), len(report.left)) == (0, 12, 1)
    assert len(world.visible()) == 12


def test_the_objects_of_a_bucket_go_back_too(world):
    for n in range(12):
        world.s3.put_object(Bucket=world.bucket, Key=f"aws/lambda/async/redriven/{n}", Body=record({"n": n}).to_json())
    world.s3.put_object(Bucket=world.bucket, Key="aws/lambda/async/garbage", Body=b"\xff")
    report = redrive(f"s3://{world.bucket}/aws/", endpoint_url=world.url)
    assert (report.sent, sum(report.not_records.values())) == (12, 1)
    left = world.s3.list_objects_v2(Bucket=world.bucket, Prefix="aws/")["Contents"]
    assert [each["Key"] for each in left] == ["aws/lambda/async/garbage"]
    assert sorted(each["n"] for each in world.arrived(12)) == list(range(12))


def test_a_canary_that_fails_stops_the_rest(world, monkeypatch):
    world.put(*(record({"n": n}).to_json() for n in range(12)))
    from lambda_destinations.redrive import _run

    watch = _run.came_back

    def fails(make, ids, seconds, stop):  # the engine writes no record that carries a request id: this is Lambda's part
        world.put(record("again", request_id=min(ids)).to_json())
        return watch(make, ids, seconds, stop)

    monkeypatch.setattr(_run, "came_back", fails)
    report = redrive(world.name, endpoint_url=world.url, canary=2, canary_wait=30)
    assert (report.sent, report.stopped) == (2, "a canary failed again")
    assert len(world.visible()) == 11


def test_killed_at_any_moment_no_event_is_lost(world):
    total = 80
    world.put(*(record({"n": n}).to_json() for n in range(total)))
    code = "import sys; from lambda_destinations.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "redrive", world.name, "--yes", "--endpoint-url", world.url]
    command += ["--visibility", "2", "--rate", "40/s"]
    for _ in range(5):
        child = subprocess.Popen(
            command, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, stderr=-3, stdout=-3
        )
        time.sleep(random.uniform(0.4, 1.6))  # noqa: S311  (any moment will do)
        child.kill()
        child.wait()
    time.sleep(3)
    report = redrive(world.name, endpoint_url=world.url, rate=20)  # what the engine runs at once on two cores
    assert report.complete
    assert {each["n"] for each in world.arrived(total)} == set(range(total))
    assert world.visible() == []


def test_the_command_asks_before_it_sends(world, capsys):
    world.put(record(1).to_json())
    assert cli.main(["redrive", world.name, "--endpoint-url", world.url]) == 2
    assert "nothing is sent without --yes" in capsys.readouterr().err
    assert cli.main(["redrive", world.name, "--endpoint-url", world.url, "--yes"]) == 0
    assert capsys.readouterr().out.startswith("1 of 1 sent, 1 deleted, 0 quarantined")


def test_the_handler_answers_with_what_was_not_sent(world, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", world.url)
    bodies = [record({"n": 1}).to_json(), "garbage", record(2, function="gone").to_json()]
    event = {
        "Records": [{"messageId": str(n), "body": body, "eventSource": "aws:sqs"} for n, body in enumerate(bodies)]
    }
    assert handler(event, None) == {"batchItemFailures": [{"itemIdentifier": "1"}, {"itemIdentifier": "2"}]}
    assert world.arrived(1) == [{"n": 1}]


@pytest.mark.parametrize("name", ["nowhere", "s3://nowhere-at-all"])
def test_a_source_that_is_not_there_is_an_error(world, name, capsys):
    assert cli.main(["redrive", name, "--list", "--endpoint-url", world.url]) == 2
    assert "check its name and region" in capsys.readouterr().err
