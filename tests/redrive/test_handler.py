"""The same redrive as a Lambda function."""

import pytest

from lambda_destinations.redrive import handler
from support.records import record


@pytest.fixture
def functions_environment(world, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", world.url)
    monkeypatch.setenv("REDRIVE_LEDGER", f"s3://{world.bucket}/lambda-destinations/redrives/")
    monkeypatch.setenv("REDRIVE_MAX", "1")
    monkeypatch.setenv("REDRIVE_QUARANTINE", world.new_queue(f"{world.name}-q"))


def sqs_event(*bodies):
    return {"Records": [{"messageId": str(n), "body": body, "eventSource": "aws:sqs"} for n, body in enumerate(bodies)]}


def batch(world, *keys, version="2.0"):
    where = {"s3Bucket": world.bucket} if version == "2.0" else {"s3BucketArn": f"arn:aws:s3:::{world.bucket}"}
    tasks = [{"taskId": key, "s3Key": key, "s3VersionId": None, **where} for key in keys]
    return {"invocationSchemaVersion": version, "invocationId": "1", "job": {"id": "1"}, "tasks": tasks}


def test_it_answers_with_what_was_not_sent(world, functions_environment):
    bodies = [record({"n": 1}).to_json(), "garbage", record(2, function="gone").to_json()]
    assert handler(sqs_event(*bodies), None) == {
        "batchItemFailures": [{"itemIdentifier": "1"}, {"itemIdentifier": "2"}]
    }
    assert world.arrived(1) == [{"n": 1}]


def test_what_failed_too_often_goes_to_the_quarantine(world, functions_environment, capsys):
    assert handler(sqs_event(record({"n": 1}).to_json()), None) == {"batchItemFailures": []}
    (request_id,) = [
        key.rsplit("/", 1)[-1] for key in world.objects("lambda-destinations/") if not key.endswith("check")
    ]
    assert f'"new_request_id": "{request_id}"' in capsys.readouterr().out
    again = record({"n": 1}, request_id=request_id).to_json()
    assert handler(sqs_event(again), None) == {"batchItemFailures": []}
    assert world.visible(f"{world.queue}-q") == [again]
    assert len(world.arrived(2, patience=1)) == 1


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_a_task_of_s3_batch_operations(world, functions_environment, version):
    world.put_objects(record({"n": 1}).to_json(), "garbage", record(2, function="gone").to_json(), prefix="é /")
    keys = ["%C3%A9+/00000", "%C3%A9+/00001", "%C3%A9+/00002", "nothing-there", "lambda-destinations/redrives/x"]
    answer = handler(batch(world, *keys, version=version), None)
    assert [(each["taskId"], each["resultCode"]) for each in answer["results"]] == list(
        zip(keys, ["Succeeded", "PermanentFailure", "PermanentFailure", "Succeeded", "Succeeded"], strict=True)
    )
    assert world.objects("é /") == ["é /00001", "é /00002"]
    assert world.arrived(1) == [{"n": 1}]


def test_one_that_fails_does_not_send_the_others_of_its_batch_again(world, functions_environment, proxy, monkeypatch):
    """The quarantine refuses; the other event was sent, and is answered so."""
    handler(sqs_event(record({"n": 1}).to_json()), None)
    (request_id,) = [
        key.rsplit("/", 1)[-1] for key in world.objects("lambda-destinations/") if not key.endswith("check")
    ]
    denied = proxy(lambda what, _: (403, "AccessDenied") if what == "AmazonSQS.SendMessage" else None)
    monkeypatch.setenv("AWS_ENDPOINT_URL", denied)
    bodies = record({"n": 2}).to_json(), record({"n": 1}, request_id=request_id).to_json()
    assert handler(sqs_event(*bodies), None) == {"batchItemFailures": [{"itemIdentifier": "1"}]}


def test_a_throttled_task_is_a_temporary_failure(world, functions_environment, proxy, monkeypatch):
    world.put_objects(record({"n": 1}).to_json())
    throttled = proxy(lambda what, _: (429, "TooManyRequestsException") if what.endswith("/invocations") else None)
    monkeypatch.setenv("AWS_ENDPOINT_URL", throttled)
    ((answer),) = handler(batch(world, "aws/lambda/async/redriven/00000"), None)["results"]
    assert answer["resultCode"] == "TemporaryFailure"
    assert len(world.objects()) == 1


@pytest.mark.parametrize("event", [{"source": "aws.events"}, {"Records": [{"Sns": {}}]}, {"Records": None}], ids=str)
def test_another_event_is_an_error(event):
    with pytest.raises(ValueError, match="wanted an event of SQS or a task of S3 Batch Operations"):
        handler(event, None)


def test_what_the_functions_time_does_not_allow_comes_again(world, functions_environment):
    class Context:
        def get_remaining_time_in_millis(self):
            return 4000

    answer = handler(sqs_event(record({"n": 1}).to_json()), Context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    assert world.arrived(1, patience=1) == []


def test_an_event_that_was_sent_does_not_come_again_for_its_count(
    world, functions_environment, proxy, monkeypatch, capsys
):
    counts = iter(range(10**6))

    def refuse(what, _body):
        count = "/lambda-destinations/redrives/" in what and "check" not in what
        return (403, "AccessDenied") if count and next(counts) else None

    monkeypatch.setenv("AWS_ENDPOINT_URL", proxy(refuse))
    assert handler(sqs_event(record({"n": 1}).to_json()), None) == {"batchItemFailures": []}
    assert '"count": "not kept: ' in capsys.readouterr().out
