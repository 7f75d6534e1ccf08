"""Every hop checks the policy and the key of its target, and finds its own event."""

import json

import pytest

from local.conftest import arn

ECHO = "def handler(event, context): return event"
ACCOUNT = "000000000000"


def key(template, *statements, enabled=True):
    """A KMS key. Its policy lets the root of the account use it, and has these statements."""
    root = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [root, *statements]}
    template.add("Key", "AWS::KMS::Key", KeyPolicy=document, Enabled=enabled)
    return arn("Key")


def service_uses_key(service):
    return {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": ["kms:GenerateDataKey*", "kms:Decrypt"],
        "Resource": "*",
    }


def let_in(template, service, source, queue="Queue"):
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sqs:SendMessage",
        "Resource": arn(queue),
        "Condition": {"ArnEquals": {"aws:SourceArn": source}},
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    template.add(f"{queue}Policy", "AWS::SQS::QueuePolicy", Queues=[{"Ref": queue}], PolicyDocument=document)


def rule(template, *targets, name="Rule", pattern=None, bus="Bus"):
    template.add(
        name,
        "AWS::Events::Rule",
        EventBusName={"Ref": bus},
        EventPattern=pattern or {"source": ["lambda"]},
        Targets=[{"Id": f"T{index}", **each} for index, each in enumerate(targets)],
    )


def bus(template, **properties):
    template.source("success", template.add("Bus", "AWS::Events::EventBus", Name="results"), "events", **properties)


def permit(template, source, function="Other", service="events.amazonaws.com", name="Permit"):
    template.add(
        name,
        "AWS::Lambda::Permission",
        Action="lambda:InvokeFunction",
        FunctionName=arn(function),
        Principal=service,
        SourceArn=source,
    )


@pytest.mark.parametrize("granted", [True, False], ids=["key lets the service in", "key does not"])
@pytest.mark.parametrize("by", ["rule", "topic"])
def test_a_service_needs_the_key_of_an_encrypted_queue(local_aws, template, by, granted):
    """The policy of the queue is not enough."""
    service = "events.amazonaws.com" if by == "rule" else "sns.amazonaws.com"
    template.queue(KmsMasterKeyId=key(template, *([service_uses_key(service)] if granted else [])))
    if by == "rule":
        bus(template)
        rule(template, {"Arn": arn("Queue")})
        let_in(template, service, arn("Rule"))
    else:
        topic = template.topic()
        template.source("success", topic, "sns")
        let_in(template, service, topic)
        template.add("Sub", "AWS::SNS::Subscription", TopicArn=topic, Protocol="sqs", Endpoint=arn("Queue"))
    run = local_aws.deploy(template.write()).invoke("Source")
    assert [each.code for each in run.problems] == ([] if granted else ["key-denied"]), run
    assert len(run.delivered_to("Queue")) == granted


def test_a_queue_that_requires_tls_gets_the_record(local_aws, template):
    """`enforce_ssl=True`: on AWS the clients use TLS, although the engine does not."""
    statement = {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "sqs:*",
        "Resource": arn("Queue"),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    template.source("success", template.queue(), "sqs")
    document = {"Version": "2012-10-17", "Statement": [statement]}
    template.add("Policy", "AWS::SQS::QueuePolicy", Queues=[{"Ref": "Queue"}], PolicyDocument=document)
    run = local_aws.deploy(template.write()).invoke("Source")
    run.assert_delivered()
    assert len(run.delivered_to("Queue")) == 1


def test_the_record_is_not_mixed_up_with_other_events(local_aws, template):
    """An event that the user puts before, and one that the handler puts, are not taken for the record."""
    code = (
        "import boto3\n"
        "def handler(event, context):\n"
        "    entry = {'EventBusName': 'results', 'Source': 'lambda', 'DetailType': 'x', 'Detail': '{}'}\n"
        "    boto3.client('events').put_events(Entries=[entry])\n"
        "    return event\n"
    )
    bus(template, code=code)
    template.function("Other", ECHO)
    rule(template, {"Arn": arn("Other"), "InputPath": "$.detail.responsePayload"})
    permit(template, arn("Rule"))
    app = local_aws.deploy(template.write())
    entry = {"EventBusName": "results", "Source": "lambda", "DetailType": "x", "Detail": '{"responsePayload": "users"}'}
    local_aws.client("events").put_events(Entries=[entry])
    for number in range(3):
        run = app.invoke("Source", number)
        assert run.all_runs[1].response_payload == number


@pytest.mark.parametrize("exists", [True, False])
def test_a_rule_sends_to_another_bus_and_its_rules(local_aws, template, exists):
    """The target has a role. The record is lost if the other bus does not exist."""
    bus(template)
    template.queue()
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "events.amazonaws.com"}}
    allow = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": "*"}
    template.add(
        "Forward",
        "AWS::IAM::Role",
        AssumeRolePolicyDocument={"Version": "2012-10-17", "Statement": [trust]},
        Policies=[{"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": [allow]}}],
    )
    template.add("Second", "AWS::Events::EventBus", Name="second")
    there = arn("Second") if exists else f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/nowhere"
    rule(template, {"Arn": there, "RoleArn": arn("Forward")})
    rule(template, {"Arn": arn("Queue")}, name="Onward", bus="Second")
    let_in(template, "events.amazonaws.com", arn("Onward"))
    run = local_aws.deploy(template.write()).invoke("Source")
    assert [each.code for each in run.problems] == ([] if exists else ["missing"]), run
    assert len(run.delivered_to("Queue")) == exists


@pytest.mark.parametrize("dead", [True, False])
def test_what_a_rule_cannot_deliver_goes_to_its_dead_letter_queue(local_aws, template, dead):
    """It is then not lost, although it did not reach the target."""
    bus(template)
    template.queue("Dead")
    template.function("Other")
    rule(template, {"Arn": arn("Other"), **({"DeadLetterConfig": {"Arn": arn("Dead")}} if dead else {})})
    let_in(template, "events.amazonaws.com", arn("Rule"), "Dead")
    run = local_aws.deploy(template.write()).invoke("Source")
    assert [each.code for each in run.problems] == ([] if dead else ["service-denied"]), run
    assert run.delivered_to("Other") == []
    assert len(run.delivered_to("Dead")) == dead
    assert ("NOT DELIVERED" in str(run)) == dead


def test_a_target_that_is_not_followed_is_unknown(local_aws, template):
    """It is neither lost nor delivered, and `assert_delivered` fails unless that is allowed."""
    bus(template)
    log_group = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/events/results"
    rule(template, {"Arn": log_group})
    run = local_aws.deploy(template.write()).invoke("Source")
    assert run.problems == []
    assert [each.code for each in run.unknowns] == ["not-followed"]
    assert "UNKNOWN, logs targets are not followed" in str(run)
    with pytest.raises(AssertionError, match="not followed"):
        run.assert_delivered()
    run.assert_delivered(allow_unknown=True)


RESULT = "Lambda Function Invocation Result"


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ({"source": ["lambda"], "resources": ["F:$LATEST"]}, None),
        ({"source": ["lambda"], "resources": [{"prefix": "F"}]}, None),
        ({"source": ["lambda"], "resources": [{"wildcard": "F:*"}]}, None),
        ({"detail-type": [f"{RESULT} - Success"]}, None),
        ({"source": ["lambda"], "resources": ["F"]}, "rule-never-matches"),
        ({"source": ["lambda"], "resources": ["F:live"]}, "rule-for-another-qualifier"),
        ({"source": ["aws.lambda"], "resources": ["F:$LATEST"]}, "rule-never-matches"),
        ({"detail-type": [f"{RESULT} \N{EN DASH} Success"]}, "rule-never-matches"),
        ({"detail-type": [f"{RESULT} - Failure"]}, "rule-never-matches"),
        ({"source": ["aws.s3"]}, None),
    ],
)
def test_a_rule_for_the_function_that_never_matches_is_a_loss(local_aws, template, pattern, code):
    """A rule for other events is not a loss, and a bus without a rule for the function is not one either."""
    bus(template, FunctionName="f")
    template.function("Other")
    text = json.dumps(pattern).replace('"F', f'"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f')
    rule(template, {"Arn": arn("Other")}, pattern=json.loads(text))
    permit(template, arn("Rule"))
    run = local_aws.deploy(template.write()).invoke("Source")
    assert [each.code for each in run.problems] == ([code] if code else []), run


def test_the_record_of_an_alias_is_lost_if_all_rules_wait_for_latest(local_aws, template):
    """The CDK's own template, with `response_only` on both: all records of `live` are lost, none of `$LATEST`."""
    destination = template.add("Bus", "AWS::Events::EventBus", Name="results")
    template.source("success", destination, "events", FunctionName="f")
    template.configure(qualifier="live", on_success=destination)
    template.alias()
    template.function("Other")
    named = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f:$LATEST"
    for name in ("First", "Second"):
        rule(template, {"Arn": arn("Other")}, name=name, pattern={"source": ["lambda"], "resources": [named]})
        permit(template, arn(name), name=f"{name}Permit")
    app = local_aws.deploy(template.write())
    assert app.invoke("Source").problems == []
    [problem] = app.invoke("Live").problems
    assert problem.code == "rule-for-another-qualifier"
    assert app.invoke("Live:live").verdict == "lost"


def test_a_failure_that_nothing_records_is_a_problem(local_aws, template):
    """With a hint if another qualifier has destinations. The alias, which has a failure destination, passes."""
    template.queue()
    failing = "def handler(event, context): raise ValueError('no')"
    template.function("Source", failing, allow={"sqs:SendMessage": arn("Queue")})
    template.configure(qualifier="live", on_failure=arn("Queue"))
    template.alias()
    app = local_aws.deploy(template.write())
    run = app.invoke("Source")
    assert [each.code for each in run.problems] == ["unrecorded"]
    assert "those of live are not for it" in run.problems[0]
    with pytest.raises(AssertionError, match="nothing records it"):
        run.assert_delivered()
    run.assert_delivered(allow_unrecorded=True)
    app.invoke("Live").assert_delivered()


def test_a_name_that_nothing_has_is_refused(local_aws, template):
    """With an empty list, a test that names the wrong queue would pass."""
    template.source("success", template.queue(), "sqs")
    template.queue("Unused")
    run = local_aws.deploy(template.write()).invoke("Source")
    assert run.delivered_to("Unused") == []
    with pytest.raises(LookupError, match="'Qeue'; close to it: Queue"):
        run.delivered_to("Qeue")


def test_a_stopped_recursion_goes_to_the_destination(local_aws, template):
    """The event is kept there, so nothing is lost."""
    template.queue()
    allow = {"lambda:InvokeFunction": "*", "sqs:SendMessage": arn("Queue")}
    template.function("First", FunctionName="first", allow=allow)
    second = template.function("Second", FunctionName="second", allow=allow)
    template.configure("First", on_success=second, on_failure=arn("Queue"))
    template.configure(
        "Second", on_success=f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:first", on_failure=arn("Queue")
    )
    run = local_aws.deploy(template.write()).invoke("First")
    assert len([each for each in run.all_runs if each.stopped is None]) == 32
    assert run.problems == []
    assert len(run.delivered_to("Queue")) == 1


def test_a_function_gets_the_event_that_sns_sends(local_aws, template):
    """It has members that a notification to a queue does not have: a null subject, and URLs with other names."""
    topic = template.topic()
    template.source("success", topic, "sns")
    template.function("Other", ECHO)
    template.add("Sub", "AWS::SNS::Subscription", TopicArn=topic, Protocol="lambda", Endpoint=arn("Other"))
    permit(template, topic, service="sns.amazonaws.com")
    run = local_aws.deploy(template.write()).invoke("Source")
    [record] = run.all_runs[1].response_payload["Records"]
    sns = record["Sns"]
    assert (sns["Subject"], sns["MessageAttributes"]) == (None, {})
    assert {"SigningCertUrl", "UnsubscribeUrl"} <= sns.keys()
    assert sns["TopicArn"] == record["EventSubscriptionArn"].rpartition(":")[0]
