"""Failed events go back at least once, to the byte, and the report says what became of each."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

import pytest

from lambda_destinations import InvalidExpression, InvalidSource, InvocationRecord, envelopes
from lambda_destinations.redrive import redrive
from redrive.conftest import size
from support.failures import BAD, message
from support.records import record

RECORDS = size("RECORDS", 200)  # LAMBDA_DESTINATIONS_RECORDS=10000 is the long proof


def mixed():
    """Records, and 5% of each kind of what is not one."""
    good = [record({"n": n, "text": "é\u2028"}).to_json() for n in range(RECORDS)]
    bad = [kind for kind in BAD for _ in range(RECORDS // 20)]
    return good, bad


def test_a_queue_of_many_kinds(world):
    good, bad = mixed()
    world.put(*[each for pair in zip(good, map(message, bad), strict=False) for each in pair], *good[len(bad) :])
    world.put(*map(message, bad[len(good) :]))
    report = redrive(world.name, endpoint_url=world.url)
    assert (report.sent, report.deleted, report.complete) == (RECORDS, RECORDS, True)
    assert sum(report.not_records.values()) + report.skipped == len(bad)
    assert sorted(world.visible()) == sorted(BAD[kind][0] for kind in bad)
    assert sorted(each["n"] for each in world.arrived(RECORDS)) == list(range(RECORDS))


def test_a_bucket_of_many_kinds(world):
    good, bad = mixed()
    world.put_objects(*good)
    bad = [kind for kind in bad if kind != "dead letter"]  # Lambda sends no dead letter to a bucket
    world.put_objects(*(BAD[kind][0] for kind in bad), prefix="aws/other/")
    report = redrive(f"s3://{world.bucket}/aws/", endpoint_url=world.url)
    assert (report.sent, report.deleted, report.complete) == (RECORDS, RECORDS, True)
    assert len(world.objects("aws/other/")) == len(world.objects()) == len(bad)
    assert sorted(each["n"] for each in world.arrived(RECORDS)) == list(range(RECORDS))


def test_the_payload_is_sent_to_the_byte(world, proxy):
    """White space, escapes, forms of numbers and the order of members stay, also through SNS."""
    payload = '{ "b":1.50,\t"a" : "\\u00e9\\/é", "n": 12345678901234567890, "z": [ ] }'
    text = record(1).to_json().replace('"requestPayload":1', f'"requestPayload":{payload}')
    failed = InvocationRecord.from_json(text)
    world.put(text, json.dumps(envelopes.sns_notification(failed)))
    sent = []
    endpoint = proxy(lambda what, body: sent.append(body) if what.endswith("/invocations") else None)
    assert redrive(world.name, endpoint_url=endpoint).sent == 2
    assert sent == [payload.encode()] * 2
    assert world.arrived(1)[0] == json.loads(payload)


def test_what_came_through_event_bridge_is_sent_and_said(world):
    world.put(json.dumps(envelopes.event_bridge_event(record({"n": 1}))))
    report = redrive(world.name, endpoint_url=world.url)
    assert (report.sent, report.reserialized) == (1, 1)


@pytest.mark.parametrize("form", ["name", "arn", "url"])
def test_a_queue_by_its_name_arn_or_url(world, form):
    world.put(record({"n": 1}).to_json())
    source = {"name": world.name, "arn": world.arn, "url": world.queue}[form]
    assert redrive(source, endpoint_url=world.url).sent == 1


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("nowhere", "check its name and region"),
        ("s3://nowhere-at-all", "check its name and region"),
        ("s3://", "names no bucket"),
        ("s3:bucket", "names no bucket"),
        ("failures.fifo", "FIFO"),
        ("not a queue", "is not the name, ARN or URL"),
        ("arn:aws:sns:us-east-1:000000000000:topic", "is not the name, ARN or URL"),
        ("", "is not the name, ARN or URL"),
    ],
)
def test_what_is_not_a_source_is_an_error(world, source, says):
    with pytest.raises(InvalidSource, match=says):
        redrive(source, endpoint_url=world.url)


@pytest.mark.parametrize(
    "options",
    [
        {"rate": 0},
        {"rate": -1},
        {"canary": -1},
        {"canary_wait": float("nan")},
        {"concurrency": 0},
        {"limit": 0},
        {"max_redrives": 0},
        {"visibility": 43_201},
    ],
    ids=str,
)
def test_a_number_out_of_its_range_is_an_error(options):
    with pytest.raises(ValueError, match=f"{next(iter(options))}="):
        redrive("failures", **options)


def test_a_dry_run_touches_nothing_and_says_what_would_go_where(world):
    world.put(*(record({"n": n}).to_json() for n in range(12)), "garbage")
    report = redrive(world.name, endpoint_url=world.url, dry_run=True, limit=5, export=world.log.with_suffix(".copies"))
    assert (report.matched, report.sent) == (12, 0)
    assert list(report.targets.items()) == [("arn:aws:lambda:us-east-1:000000000000:function:redriven:$LATEST", 5)]
    assert list(report.left.values()) == [7]
    assert len(world.visible()) == 13
    assert not world.log.with_suffix(".copies").exists()


FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:redriven"


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        ({"error_types": ["KeyError"]}, {1, 3}),
        ({"error_types": ["KeyError", "ValueError"]}, {3}),
        ({"functions": ["redriven"]}, set()),
        ({"functions": ["redriven:$LATEST"]}, set()),
        ({"functions": [FUNCTION]}, set()),
        ({"functions": [f"{FUNCTION}:$LATEST"]}, set()),
        ({"functions": ["redriven:live"]}, {1, 2, 3}),
        ({"conditions": ["EventAgeExceeded"]}, {1, 2}),
        ({"where": "requestPayload.n == `2`"}, {1, 3}),
        ({"where": "requestPayload.missing"}, {1, 2, 3}),
        ({"where": "requestPayload.n"}, set()),
        ({"since": datetime(2126, 1, 1, tzinfo=timezone.utc)}, {1, 2, 3}),
        ({"until": datetime(2126, 1, 1)}, set()),  # noqa: DTZ001  (a time without a zone is local)
        ({"since": datetime(2020, 1, 1, tzinfo=timezone.utc), "until": datetime(2126, 1, 1)}, set()),  # noqa: DTZ001
    ],
    ids=str,
)
def test_what_a_filter_leaves_is_visible_at_once(world, filters, left):
    world.put(
        record({"n": 1}).to_json(),
        record({"n": 2}, response_payload={"errorType": "KeyError"}).to_json(),
        record({"n": 3}, condition="EventAgeExceeded", response_payload={"errorType": "Other"}).to_json(),
    )
    report = redrive(world.name, endpoint_url=world.url, **filters)
    assert (report.sent, report.skipped, report.complete) == (3 - len(left), len(left), True)
    assert {json.loads(body)["requestPayload"]["n"] for body in world.visible()} == left


def test_jmespath_that_cannot_judge_a_record_leaves_that_record_alone(world):
    world.put(record({"n": [1]}).to_json(), record({"n": 5}).to_json())
    report = redrive(world.name, endpoint_url=world.url, where="length(requestPayload.n) == `1`")
    assert (report.sent, list(report.left.values()), report.complete) == (1, [1], False)
    assert "where cannot be evaluated" in next(iter(report.left))
    with pytest.raises(InvalidExpression, match="is not a JMESPath expression"):
        redrive(world.name, endpoint_url=world.url, edit="requestPayload.[")


def test_an_edited_payload_is_sent_in_its_place(world):
    world.put(record({"n": 1, "old": True}).to_json(), record(None).to_json())
    report = redrive(world.name, endpoint_url=world.url, edit="requestPayload && {n: requestPayload.n, by: 'hand'}")
    assert (report.sent, list(report.left)) == (1, ["edit gives null"])
    assert world.arrived(1) == [{"n": 1, "by": "hand"}]


def test_an_edited_payload_that_is_too_large_is_not_sent(world):
    world.put(record("x" * 600_000).to_json())
    report = redrive(world.name, endpoint_url=world.url, edit="[requestPayload, requestPayload]")
    assert (report.sent, sum(report.not_records.values())) == (0, 1)


@pytest.mark.parametrize("to", ["fixed", "fixed:live", "arn:aws:lambda:us-east-1:000000000000:function:fixed:live"])
def test_another_target(world, to):
    world.add_function("fixed", alias="live")
    world.put(record({"n": 1}, function="gone").to_json())
    lines = world.log.with_suffix(".jsonl")
    report = redrive(world.name, endpoint_url=world.url, to=to, report=lines)
    qualifier = "live" if "live" in to else "$LATEST"
    assert list(report.targets) == [f"arn:aws:lambda:us-east-1:000000000000:function:fixed:{qualifier}"]
    assert json.loads(lines.read_text())["qualifier"] == qualifier
    assert world.arrived(1) == [{"n": 1}]


@pytest.mark.parametrize("to", ["nobody", "redriven:nothing", "a b", "arn:aws:sqs:us-east-1:1:q", "a:b:c"])
def test_a_target_that_is_not_there_is_an_error_before_anything_is_sent(world, to):
    world.put(record({"n": 1}).to_json())
    with pytest.raises(InvalidSource, match=r"cannot find the function|is not a function"):
        redrive(world.name, endpoint_url=world.url, to=to)
    assert len(world.visible()) == 1


def test_copies_are_written_before_a_record_is_deleted(world, tmp_path):
    texts = [record({"n": n}).to_json() for n in range(3)]
    world.put(*texts)
    assert redrive(world.name, endpoint_url=world.url, export=tmp_path / "deep" / "copies").deleted == 3
    copies = [path.read_text(encoding="utf-8") for path in (tmp_path / "deep" / "copies").iterdir()]
    assert sorted(copies) == sorted(texts)


def test_a_record_of_which_no_copy_can_be_written_is_not_sent(world, tmp_path):
    (tmp_path / "copies").write_text("a file")
    world.put(record({"n": 1}).to_json())
    with pytest.raises(FileExistsError):
        redrive(world.name, endpoint_url=world.url, export=tmp_path / "copies")
    assert len(world.visible()) == 1


def test_kept_records_stay_and_are_counted(world):
    world.put(*(record({"n": n}).to_json() for n in range(3)))
    for _ in range(2):
        report = redrive(world.name, endpoint_url=world.url, keep=True, max_redrives=2)
        assert (report.sent, report.deleted) == (3, 0)
    report = redrive(world.name, endpoint_url=world.url, keep=True, max_redrives=2)
    assert (report.sent, dict(report.left)) == (0, {"redriven 2 times already": 3})
    assert len(world.visible()) == 3


def test_a_limit_sends_no_more_and_the_rest_stays(world):
    world.put(*(record({"n": n}).to_json() for n in range(30)))
    report = redrive(world.name, endpoint_url=world.url, limit=7)
    assert (report.sent, report.deleted, report.complete) == (7, 7, False)
    assert len(world.visible()) == 23


def test_a_function_that_is_gone_is_reported_once_and_its_records_stay(world):
    world.put(*(record(n, function="gone").to_json() for n in range(40)), record({"n": 1}).to_json())
    lines = world.log.with_suffix(".jsonl")
    report = redrive(world.name, endpoint_url=world.url, report=lines)
    assert len(report.notes) == 1
    assert (report.sent, sum(report.left.values()), len(report.left)) == (1, 40, 1)
    assert len(world.visible()) == 40
    left = [json.loads(line) for line in lines.read_text().splitlines() if '"left"' in line]
    assert {each["function"].rsplit(":", 1)[-1] for each in left} == {"gone"}
    assert {each["status"] for each in left} <= {404, None}


def test_what_arrives_after_a_survey_is_left_for_the_next_run(world):
    world.put(record({"n": 1}).to_json())
    survey = redrive(world.name, endpoint_url=world.url, dry_run=True)
    while datetime.now(timezone.utc) <= survey.as_of:
        pass
    world.put(record({"n": 2}).to_json())
    report = redrive(world.name, endpoint_url=world.url, as_of=survey.as_of)
    assert (report.sent, report.newer) == (1, 1)
    assert [json.loads(body)["requestPayload"]["n"] for body in world.visible()] == [2]


def test_messages_that_another_reader_has_are_said(world):
    world.put(record({"n": 1}).to_json())
    world.sqs.receive_message(QueueUrl=world.queue, VisibilityTimeout=600)
    report = redrive(world.name, endpoint_url=world.url)
    assert report.scanned == 0
    assert "about 1 messages" in report.notes[0]


def test_progress_is_reported_and_its_error_is_not_swallowed(world):
    world.put(record({"n": 1}).to_json())
    seen = []
    redrive(world.name, endpoint_url=world.url, dry_run=True, on_progress=lambda report: seen.append(report.scanned))
    assert seen == [1]
    with pytest.raises(ZeroDivisionError):
        redrive(world.name, endpoint_url=world.url, dry_run=True, on_progress=lambda _: 1 / 0)


def test_what_is_being_sent_stays_invisible_longer_than_its_visibility_timeout(world):
    """Also what waits for its turn."""
    world.put(*(record({"n": n}).to_json() for n in range(30)))
    with ThreadPoolExecutor() as pool:
        run = pool.submit(redrive, world.name, endpoint_url=world.url, visibility=2, rate=5)
        seen = []
        while not run.done():
            seen += world.sqs.receive_message(QueueUrl=world.queue, VisibilityTimeout=0).get("Messages", [])
            time.sleep(0.1)
    assert run.result().sent == 30
    assert len(seen) <= 30  # before the scan had them
    assert sorted(each["n"] for each in world.arrived(30)) == list(range(30))
