"""What happens to a record after an event bus or a topic: rules, subscriptions, and their permissions."""

import json

import pytest

from local.conftest import arn

ECHO = "def handler(event, context): return event"


def bus(template):
    """A source with an event bus as its destination on success."""
    template.source("success", template.add("Bus", "AWS::Events::EventBus", Name="results"), "events")


def rule(template, *targets, pattern=None, name="Rule"):
    template.add(
        name,
        "AWS::Events::Rule",
        EventBusName={"Ref": "Bus"},
        EventPattern=pattern or {"source": ["lambda"]},
        Targets=[{"Id": f"Target{index}", **target} for index, target in enumerate(targets)],
    )


def permit(template, principal, source, function="Other", name="Permission"):
    template.add(
        name,
        "AWS::Lambda::Permission",
        Action="lambda:InvokeFunction",
        FunctionName=arn(function) if isinstance(function, str) else function,
        Principal=principal,
        SourceArn=source,
    )


def let_in(template, principal, source, queue="Queue"):
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": principal},
        "Action": "sqs:SendMessage",
        "Resource": arn(queue),
        "Condition": {"ArnEquals": {"aws:SourceArn": source}},
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    template.add("QueuePolicy", "AWS::SQS::QueuePolicy", Queues=[{"Ref": queue}], PolicyDocument=document)


def test_a_rule_runs_its_function_with_the_response_only(local_aws, template):
    """The function gets the response as its event, and its own destination gets its own record."""
    bus(template)
    template.queue()
    template.function("Other", ECHO, allow={"sqs:SendMessage": arn("Queue")})
    template.configure("Other", on_success=arn("Queue"))
    rule(template, {"Arn": arn("Other"), "InputPath": "$.detail.responsePayload"})
    permit(template, "events.amazonaws.com", arn("Rule"))
    run = local_aws.deploy(template.write()).invoke("Source", {})
    assert run.problems == [], run
    [record] = run.delivered_to("Queue")
    assert record.function_name == run.all_runs[1].record.function_name
    assert record.request_payload == {"answer": 42}
    assert len(run.delivered_to("Other")) == 1
    assert "(lambda:InvokeFunction allowed, response only)" in str(run)


def test_a_rule_without_the_permission_of_the_function_loses_the_record(local_aws, template):
    """The engine would run the function; AWS does not."""
    bus(template)
    template.function("Other")
    rule(template, {"Arn": arn("Other")})
    run = local_aws.deploy(template.write()).invoke("Source", {})
    assert "events.amazonaws.com may not lambda:InvokeFunction; add an AWS::Lambda::Permission" in run.problems[0]
    assert run.delivered_to("Other") == []
    assert len(run.all_runs) == 1


def test_a_permission_for_another_rule_does_not_count(local_aws, template):
    """The source of the permission is another rule."""
    bus(template)
    template.function("Other")
    rule(template, {"Arn": arn("Other")})
    permit(template, "events.amazonaws.com", "arn:aws:events:us-east-1:000000000000:rule/another")
    assert local_aws.deploy(template.write()).invoke("Source", {}).delivered_to("Other") == []


def test_a_permission_on_the_function_does_not_count_for_its_alias(local_aws, template):
    """A function, a version and an alias each have their own resource policy."""
    bus(template)
    template.function("Other")
    alias = template.alias("Other")
    rule(template, {"Arn": alias})
    permit(template, "events.amazonaws.com", arn("Rule"))
    app = local_aws.deploy(template.write())
    assert app.invoke("Source", {}).delivered_to("Live") == []
    app.close()
    permit(template, "events.amazonaws.com", arn("Rule"), alias, "Second")
    run = local_aws.deploy(template.write()).invoke("Source", {})
    assert len(run.delivered_to("Live")) == 1
    assert run.all_runs[1].qualifier == "live"


def test_a_rule_sends_to_a_queue_that_allows_it(local_aws, template):
    """The message is read back from the queue itself."""
    bus(template)
    template.queue()
    rule(template, {"Arn": arn("Queue")})
    let_in(template, "events.amazonaws.com", arn("Rule"))
    run = local_aws.deploy(template.write()).invoke("Source", {})
    assert run.problems == [], run
    onward = run.deliveries[0].passed_on[0]
    assert onward.read_back
    assert json.loads(onward.arrived)["detail"] == run.record.to_dict()


def test_a_rule_without_the_policy_of_the_queue_loses_the_record(local_aws, template):
    """The engine would send to the queue; AWS does not."""
    bus(template)
    template.queue()
    rule(template, {"Arn": arn("Queue")})
    run = local_aws.deploy(template.write()).invoke("Source", {})
    assert "add an AWS::SQS::QueuePolicy" in run.problems[0]
    assert run.delivered_to("Queue") == []


def test_a_rule_publishes_to_a_topic_and_its_subscribers_run(local_aws, template):
    """Event bus, topic, function, queue: each step is followed."""
    bus(template)
    topic = template.topic()
    template.queue()
    template.function("Other", allow={"sqs:SendMessage": arn("Queue")})
    template.configure("Other", on_success=arn("Queue"))
    rule(template, {"Arn": topic})
    statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sns:Publish"}
    document = {"Version": "2012-10-17", "Statement": [{**statement, "Resource": topic}]}
    template.add("TopicPolicy", "AWS::SNS::TopicPolicy", Topics=[topic], PolicyDocument=document)
    template.add("Subscription", "AWS::SNS::Subscription", TopicArn=topic, Protocol="lambda", Endpoint=arn("Other"))
    permit(template, "sns.amazonaws.com", topic)
    run = local_aws.deploy(template.write()).invoke("Source", {})
    assert run.problems == [], run
    assert [each.function.label for each in run.all_runs] == ["Source", "Other"]
    assert len(run.delivered_to("Queue")) == 1


def test_a_rule_for_another_qualifier_is_named_if_no_rule_matches(local_aws, template):
    """Responses are often lost because a rule is for another qualifier of the function."""
    bus(template)
    template.function("Other")
    resource = {"Fn::Join": ["", [arn("Source"), ":live"]]}
    rule(template, {"Arn": arn("Other")}, pattern={"source": ["lambda"], "resources": [resource]})
    run = local_aws.deploy(template.write()).invoke("Source", {})
    missed_by = run.deliveries[0].missed_by
    assert missed_by.startswith("no rule matches: ")
    assert missed_by.endswith("names this function, but not $LATEST")
    assert missed_by in run.problems[0]


def test_every_target_of_every_matching_rule_is_followed(local_aws, template):
    """One target has a constant input, the other an input transformer."""
    bus(template)
    template.function("Other", ECHO)
    transformer = {"InputPathsMap": {"c": "$.detail.requestContext.condition"}, "InputTemplate": '{"got": <c>}'}
    rule(template, {"Arn": arn("Other"), "Input": '{"constant": 1}'})
    rule(template, {"Arn": arn("Other"), "InputTransformer": transformer}, name="Second")
    permit(template, "events.amazonaws.com", arn("Rule"))
    permit(template, "events.amazonaws.com", arn("Second"), name="SecondPermission")
    run = local_aws.deploy(template.write()).invoke("Source", {})
    assert [each.response_payload for each in run.all_runs[1:]] == [{"constant": 1}, {"got": "Success"}]


@pytest.mark.parametrize("raw", [False, True], ids=["wrapped", "raw"])
def test_a_topic_sends_to_its_queue(local_aws, template, raw):
    """The message is the record itself, or the record in the envelope of SNS."""
    topic = template.topic()
    template.source("success", topic, "sns")
    template.queue()
    let_in(template, "sns.amazonaws.com", topic)
    template.add(
        "Subscription",
        "AWS::SNS::Subscription",
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=arn("Queue"),
        RawMessageDelivery=raw,
    )
    run = local_aws.deploy(template.write()).invoke("Source", {})
    assert run.problems == [], run
    onward = run.deliveries[0].passed_on[0]
    assert onward.read_back
    body = onward.arrived if raw else json.loads(onward.arrived)["Message"]
    assert body == run.record.to_json()
    assert len(run.delivered_to("Queue")) == 1


def test_a_topic_runs_its_function(local_aws, template):
    """The function gets an SNS event with the record as its message. It has its own destination."""
    topic = template.topic()
    template.source("failure", topic, "sns")
    template.queue()
    template.function("Other", ECHO, allow={"sqs:SendMessage": arn("Queue")})
    template.configure("Other", on_success=arn("Queue"))
    template.add("Subscription", "AWS::SNS::Subscription", TopicArn=topic, Protocol="lambda", Endpoint=arn("Other"))
    permit(template, "sns.amazonaws.com", topic)
    run = local_aws.deploy(template.write()).invoke("Source", {"Success": False})
    assert run.problems == [], run
    [record] = run.delivered_to("Queue")
    [notification] = record.request_payload["Records"]
    assert notification["EventSource"] == "aws:sns"
    assert notification["Sns"]["Message"] == run.record.to_json()


def test_a_topic_without_the_permission_of_the_function_loses_the_record(local_aws, template):
    """The engine would run the function; AWS does not."""
    topic = template.topic()
    template.source("success", topic, "sns")
    template.function("Other")
    template.add("Subscription", "AWS::SNS::Subscription", TopicArn=topic, Protocol="lambda", Endpoint=arn("Other"))
    run = local_aws.deploy(template.write()).invoke("Source", {})
    assert "sns.amazonaws.com may not lambda:InvokeFunction" in run.problems[0]


def test_a_notification_that_a_filter_policy_rejects_is_not_lost(local_aws, template):
    """A notification that is filtered out is not a lost record."""
    topic = template.topic()
    template.source("success", topic, "sns")
    template.function("Other")
    template.add(
        "Subscription",
        "AWS::SNS::Subscription",
        TopicArn=topic,
        Protocol="lambda",
        Endpoint=arn("Other"),
        FilterPolicy={"kind": ["another"]},
    )
    permit(template, "sns.amazonaws.com", topic)
    run = local_aws.deploy(template.write()).invoke("Source", {})
    assert run.problems == []
    assert run.delivered_to("Other") == []
    assert "filtered out by the subscription of Other" in str(run)
