"""Attempts, age and conditions, and the members of a record that depend on them."""

import json
import threading
import time
from datetime import timedelta

import pytest

from lambda_destinations.errors import InvalidDestination, UnknownName
from local.conftest import QUEUE

FAILING = "def handler(event, context): raise ValueError('no')"
SLOW = "import time\ndef handler(event, context): time.sleep(event['seconds'])"


def source(template, code=FAILING, *, on_failure=True, properties=None, **settings):
    template.queue()
    template.function(code=code, allow={"sqs:SendMessage": QUEUE}, **(properties or {}))
    template.configure(on_success=QUEUE, **({"on_failure": QUEUE} if on_failure else {}), **settings)


@pytest.mark.parametrize(
    ("settings", "condition", "attempts"),
    [
        pytest.param({}, "RetriesExhausted", 3, id="two retries by default"),
        pytest.param({"MaximumRetryAttempts": 1}, "RetriesExhausted", 2, id="one retry"),
        pytest.param({"MaximumRetryAttempts": 0}, "RetriesExhausted", 1, id="no retry"),
        pytest.param({"MaximumEventAgeInSeconds": 60}, "EventAgeExceeded", 1, id="too old for the first retry"),
        pytest.param({"MaximumEventAgeInSeconds": 61}, "EventAgeExceeded", 2, id="too old for the second retry"),
        pytest.param({"MaximumEventAgeInSeconds": 179}, "EventAgeExceeded", 2, id="just too old for the second retry"),
        pytest.param({"MaximumEventAgeInSeconds": 240}, "RetriesExhausted", 3, id="young enough"),
        pytest.param(
            {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0}, "RetriesExhausted", 1, id="no retry, no age"
        ),
    ],
)
def test_a_failing_event_ends_by_its_retries_or_its_age(local_aws, template, settings, condition, attempts):
    """Retries come after 1 and 2 minutes, and Lambda looks ahead. This test does not wait so long."""
    source(template, **settings)
    started = time.monotonic()
    run = local_aws.deploy(template.write()).invoke("Source", {"a": 1})
    assert time.monotonic() - started < 30
    assert (run.condition, run.attempts) == (condition, attempts)
    [record] = run.delivered_to("Queue")
    assert record.condition == condition
    assert record.approximate_invoke_count == attempts
    assert record.status_code == 200
    assert record.function_error == "Unhandled"
    assert record.error.type == "ValueError"


def test_the_clock_moves_on_between_the_attempts(local_aws, template):
    """The record of a third attempt is three minutes later than that of a first attempt."""
    source(template)
    app = local_aws.deploy(template.write())
    dates = [app.invoke("Source").record.timestamp for _ in range(1)]
    template.resources["SourceConfigLATEST"]["Properties"]["MaximumRetryAttempts"] = 0
    app.close()
    dates.append(local_aws.deploy(template.write()).invoke("Source").record.timestamp)
    assert timedelta(seconds=150) < dates[0] - dates[1] < timedelta(seconds=200)


def test_the_request_id_is_the_same_in_every_attempt(local_aws, template):
    """The handler, the error and the record have the same id."""
    source(template, "def handler(event, context): raise KeyError(context.aws_request_id)")
    run = local_aws.deploy(template.write()).invoke("Source")
    assert len(run.logs) == 3
    assert run.record.error.message == f"'{run.record.request_id}'"
    assert run.record.error.request_id == run.record.request_id


def test_an_event_whose_second_attempt_succeeds_is_a_success(local_aws, template):
    """Retries are real runs of the handler."""
    code = (
        "import os\ndef handler(event, context):\n    n = int(os.environ.get('N', 0)) + 1; os.environ['N'] = str(n)\n"
    )
    source(template, code + "    if n == 1: raise ValueError('once')\n    return n")
    run = local_aws.deploy(template.write()).invoke("Source")
    assert (run.condition, run.attempts, run.response_payload) == ("Success", 2, 2)
    assert run.delivered_to("Queue")[0].function_error is None


def test_an_event_goes_to_on_failure_at_once_without_reserved_concurrency(local_aws, template):
    """Nothing runs: there is no responseContext and no responsePayload, and the count is 0."""
    source(template, properties={"ReservedConcurrentExecutions": 0})
    run = local_aws.deploy(template.write()).invoke("Source", {"a": 1})
    [record] = run.delivered_to("Queue")
    assert (run.condition, run.attempts) == ("ZeroReservedConcurrency", 0)
    assert record.to_dict().keys() == {"version", "timestamp", "requestContext", "requestPayload"}


def test_an_event_that_is_always_throttled_becomes_too_old(local_aws, template, monkeypatch):
    """It is throttled until it is too old: the count is 0, the statusCode 429, and there is no responsePayload."""
    monkeypatch.setattr("lambda_destinations.local._flow._invoke._THROTTLE_DELAY", 61.0)
    source(template, SLOW, properties={"ReservedConcurrentExecutions": 1, "Timeout": 60}, MaximumEventAgeInSeconds=60)
    app = local_aws.deploy(template.write())
    busy = threading.Thread(target=app.invoke, args=("Source", {"seconds": 3}))
    busy.start()
    time.sleep(1)
    run = app.invoke("Source", {"seconds": 0})
    busy.join()
    assert (run.condition, run.attempts) == ("EventAgeExceeded", 0), run
    [record] = run.delivered_to("Queue")
    assert record.to_dict()["responseContext"] == {"statusCode": 429}
    assert "responsePayload" not in record.to_dict()


def test_a_throttled_event_waits_for_the_invocation_that_uses_the_function(local_aws, template):
    """Its maximum age is short, but simulated time does not jump while the other invocation works."""
    source(template, SLOW, properties={"ReservedConcurrentExecutions": 1, "Timeout": 60}, MaximumEventAgeInSeconds=60)
    app = local_aws.deploy(template.write())
    busy = threading.Thread(target=app.invoke, args=("Source", {"seconds": 4}))
    busy.start()
    time.sleep(1)
    run = app.invoke("Source", {"seconds": 0})
    busy.join()
    assert (run.condition, run.attempts) == ("Success", 1), run


def test_a_throttled_event_waits_for_a_call_that_is_not_ours(local_aws, template):
    """A direct call through boto3 is not on our clock."""
    source(template, SLOW, properties={"ReservedConcurrentExecutions": 1, "Timeout": 60, "FunctionName": "held"})
    app = local_aws.deploy(template.write())
    client = local_aws.client("lambda")
    payload = json.dumps(
        {"lambda-destinations:invocation": {"requestId": "r", "payload": '{"seconds": 3}', "trace": ""}}
    )
    busy = threading.Thread(target=client.invoke, kwargs={"FunctionName": "held", "Payload": payload})
    busy.start()
    time.sleep(1)
    run = app.invoke("Source", {"seconds": 0})
    busy.join()
    assert (run.condition, run.attempts) == ("Success", 1), run


def test_a_throttled_event_runs_when_the_function_is_free(local_aws, template):
    """A throttle does not use up a retry."""
    source(template, SLOW, properties={"ReservedConcurrentExecutions": 1, "Timeout": 60})
    app = local_aws.deploy(template.write())
    busy = threading.Thread(target=app.invoke, args=("Source", {"seconds": 0.5}))
    busy.start()
    time.sleep(0.2)
    run = app.invoke("Source", {"seconds": 0})
    busy.join()
    assert (run.condition, run.attempts) == ("Success", 1)


def test_a_dead_letter_queue_gets_the_bare_event_beside_the_destination(local_aws, template):
    """Both are delivered. The message in the dead-letter queue is the event, with attributes."""
    dead = template.queue("Dead", QueueName="dead")
    template.queue()
    template.function(code=FAILING, allow={"sqs:SendMessage": [QUEUE, dead]}, DeadLetterConfig={"TargetArn": dead})
    template.configure(on_failure=QUEUE)
    run = local_aws.deploy(template.write()).invoke("Source", b'{"a":  1}')
    assert run.problems == [], run
    assert [each.on for each in run.deliveries] == ["on failure", "dead-letter queue"]
    sqs = local_aws.client("sqs")
    url = sqs.get_queue_url(QueueName="dead")["QueueUrl"]
    [message] = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    assert message["Body"] == '{"a":  1}'
    assert message["MessageAttributes"].keys() == {"RequestID", "ErrorCode", "ErrorMessage"}
    assert message["MessageAttributes"]["RequestID"]["StringValue"] == run.record.request_id


def test_a_dead_letter_topic_that_the_role_may_not_publish_to_loses_the_event(local_aws, template):
    """A dead-letter topic is not a destination, so `DestinationDeliveryFailures` does not count the loss."""
    template.function(
        code=FAILING, allow={"sns:Publish": {"Ref": "Topic"}}, DeadLetterConfig={"TargetArn": template.topic()}
    )
    app = local_aws.deploy(template.write())
    local_aws.client("iam").delete_role_policy(RoleName=app.resource("SourceRole").physical_id, PolicyName="own")
    run = app.invoke("Source")
    assert "sns:Publish denied" in run.problems[0]
    assert run.destination_delivery_failures == 0


def test_nothing_is_inherited_between_function_version_and_alias(local_aws, template):
    """A configuration is for one qualifier: a version has the defaults although `$LATEST` and the alias do not."""
    source(template, MaximumRetryAttempts=0)
    template.configure(qualifier="live", on_failure=QUEUE, MaximumRetryAttempts=1)
    template.alias()
    app = local_aws.deploy(template.write())
    attempts = {name: app.invoke(name).attempts for name in ("Source", "Live", "Source:$LATEST", "Source:1")}
    assert attempts == {"Source": 1, "Live": 2, "Source:$LATEST": 1, "Source:1": 3}
    assert len(app.invoke("SourceVersion").deliveries) == 0
    assert app.invoke("Live:live").attempts == 2
    for name in ("Live:1", "Live:$LATEST", "SourceVersion:live"):
        with pytest.raises(UnknownName, match="is an alias or a version; leave out :"):
            app.invoke(name)


@pytest.mark.parametrize("name", ["Source", "Source:$LATEST"], ids=["unqualified", "$LATEST"])
def test_an_unqualified_invocation_is_one_of_latest(local_aws, template, name):
    """It has the configuration of `$LATEST`, and the record names that qualifier."""
    source(template, MaximumRetryAttempts=0)
    run = local_aws.deploy(template.write()).invoke(name)
    assert run.attempts == 1
    assert run.record.function_arn.endswith(":$LATEST")


def test_a_configuration_without_a_qualifier_is_refused(local_aws, template):
    """CloudFormation requires the qualifier, also for `$LATEST`."""
    source(template)
    del template.resources["SourceConfigLATEST"]["Properties"]["Qualifier"]
    with pytest.raises(InvalidDestination, match="the resource has no Qualifier, which is required"):
        local_aws.deploy(template.write())


@pytest.mark.parametrize(
    ("service", "limit"), [("sns", 262_144), ("sqs", 1_048_576), ("events", 1_048_576), ("lambda", 1_048_576)]
)
def test_a_record_that_is_too_large_is_a_failed_delivery(local_aws, template, service, limit):
    """SNS takes 256 KiB, the others take 1 MiB. A record contains both request and response."""
    kinds = {
        "events": ("AWS::Events::EventBus", {"Name": "b"}),
        "sns": ("AWS::SNS::Topic", {}),
        "sqs": ("AWS::SQS::Queue", {}),
    }
    if service == "lambda":
        destination = template.function("Other", "def handler(event, context): return None")
    else:
        kind, properties = kinds[service]
        destination = template.add("Target", kind, **properties)
    template.source("success", destination, service, code="def handler(event, context): return event")
    app = local_aws.deploy(template.write())
    fits, overflows = (app.invoke("Source", "x" * size) for size in (limit // 2 - 500, limit // 2))
    assert fits.problems == [], fits.problems
    assert f"{service} takes {limit:,}" in overflows.problems[0]
    assert overflows.destination_delivery_failures == 1
    assert "LOST" in str(overflows)


def test_a_bucket_takes_a_record_of_any_size(local_aws, template):
    """Here it is a record of a failure with more than a megabyte."""
    code = "def handler(event, context): raise ValueError('x' * 600_000)"
    template.source("failure", template.add("Bucket", "AWS::S3::Bucket"), "s3", code=code)
    run = local_aws.deploy(template.write()).invoke("Source", "x" * 600_000)
    assert run.problems == []
    assert len(run.delivered_to("Bucket")[0].to_json()) > 1_200_000


def test_a_permission_that_is_removed_later_loses_the_record(local_aws, template):
    """A role may change after the deployment."""
    template.source("success", template.queue(), "sqs")
    app = local_aws.deploy(template.write())
    iam = local_aws.client("iam")
    role = app.resource("SourceRole").physical_id
    iam.delete_role_policy(RoleName=role, PolicyName="own")
    run = app.invoke("Source")
    assert run.delivered_to("Queue") == []
    assert run.destination_delivery_failures == 1
    assert f"sqs:SendMessage denied to {role}" in run.problems[0]
    with pytest.raises(AssertionError, match="LOST, sqs:SendMessage denied"):
        run.assert_delivered()


def test_an_event_for_a_deleted_function_ends_with_a_404(local_aws, template):
    """The record has only the statusCode 404, and no responsePayload."""
    template.source("failure", template.queue(), "sqs", FunctionName="gone")
    app = local_aws.deploy(template.write())
    app.invoke("Source", {"Success": True})
    local_aws.client("lambda").delete_function(FunctionName="gone")
    run = app.invoke("Source")
    assert run.condition == "RetriesExhausted"
    assert run.delivered_to("Queue")[0].to_dict()["responseContext"] == {"statusCode": 404}


def test_a_loop_over_functions_ends_after_sixteen_runs(local_aws, template):
    """First → Second → First …: Lambda drops the 17th run of a function in a chain."""
    template.function("First", FunctionName="first", allow={"lambda:InvokeFunction": "*"})
    second = template.function("Second", FunctionName="second", allow={"lambda:InvokeFunction": "*"})
    template.configure("First", on_success=second)
    template.configure("Second", on_success="arn:aws:lambda:us-east-1:000000000000:function:first")
    run = local_aws.deploy(template.write()).invoke("First")
    assert len([each for each in run.all_runs if not each.stopped]) == 32
    assert "recursive loop, Lambda drops the event after 16 runs" in run.problems[0]


def test_a_loop_over_a_topic_ends_after_some_runs(local_aws, template, monkeypatch):
    """The function sends to a topic that invokes it. The limit is lower here, because the events double in size."""
    monkeypatch.setattr("lambda_destinations.local._flow._chain.MAX_CHAIN", 5)
    topic = template.topic()
    template.source("success", topic, "sns")
    template.add(
        "Subscription",
        "AWS::SNS::Subscription",
        TopicArn=topic,
        Protocol="lambda",
        Endpoint={"Fn::GetAtt": ["Source", "Arn"]},
    )
    template.add(
        "Permission",
        "AWS::Lambda::Permission",
        Action="lambda:InvokeFunction",
        FunctionName={"Ref": "Source"},
        Principal="sns.amazonaws.com",
        SourceArn=topic,
    )
    run = local_aws.deploy(template.write()).invoke("Source")
    assert len([each for each in run.all_runs if not each.stopped]) == 5
    assert "recursive loop" in run.problems[0]


def test_a_loop_over_a_bus_is_reported_because_lambda_does_not_notice_it(local_aws, template):
    """On AWS it would continue. Here it is stopped, and it is a problem."""
    template.source("success", template.add("Bus", "AWS::Events::EventBus", Name="b"), "events")
    template.add(
        "Rule",
        "AWS::Events::Rule",
        EventBusName={"Ref": "Bus"},
        EventPattern={"source": ["lambda"]},
        Targets=[{"Id": "T", "Arn": {"Fn::GetAtt": ["Source", "Arn"]}, "InputPath": "$.detail.responsePayload"}],
    )
    template.add(
        "Permission",
        "AWS::Lambda::Permission",
        Action="lambda:InvokeFunction",
        FunctionName={"Ref": "Source"},
        Principal="events.amazonaws.com",
        SourceArn={"Fn::GetAtt": ["Rule", "Arn"]},
    )
    run = local_aws.deploy(template.write()).invoke("Source")
    assert "endless loop, stopped here after 64 runs; Lambda does not notice one over an event bus" in run.problems[0]


def test_real_time_waits_between_attempts(local_aws, template, monkeypatch):
    """The pauses are shortened in this test."""
    import lambda_destinations.local._flow._invoke as invoke

    monkeypatch.setattr(invoke, "RETRY_DELAYS", (0.3, 0.6))
    source(template)
    app = local_aws.deploy(template.write())
    app.invoke("Source")
    started = time.monotonic()
    app.invoke("Source")
    assert time.monotonic() - started < 0.9
    started = time.monotonic()
    app.invoke("Source", real_time=True)
    assert time.monotonic() - started >= 0.9
