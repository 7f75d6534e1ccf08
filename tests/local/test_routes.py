"""What becomes of a record behind a bus or a topic: rules, subscriptions, and their permissions."""

import json

import pytest

ECHO = "def handler(event, context): return event"


def arn(logical_id):
    return {"Fn::GetAtt": [logical_id, "Arn"]}


def bus(template):
    """A source that reports its successes to a bus."""
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
    """`InputPath` is the engine's to evaluate; the function's own destination gets what the function made of it."""
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
    """The engine runs the function all the same; AWS does not."""
    bus(template)
    template.function("Other")
    rule(template, {"Arn": arn("Other")})
    run = local_aws.deploy(template.write()).invoke("Source", {})
    assert "events.amazonaws.com may not lambda:InvokeFunction; add an AWS::Lambda::Permission" in run.problems[0]
    assert run.delivered_to("Other") == []
    assert len(run.all_runs) == 1


def test_a_permission_for_another_rule_does_not_count(local_aws, template):
    """The source of a permission is compared."""
    bus(template)
    template.function("Other")
    rule(template, {"Arn": arn("Other")})
    permit(template, "events.amazonaws.com", "arn:aws:events:us-east-1:000000000000:rule/another")
    assert local_aws.deploy(template.write()).invoke("Source", {}).delivered_to("Other") == []


def test_a_permission_on_the_function_does_not_count_for_its_alias(local_aws, template):
    """A resource policy belongs to a function, a version or an alias, each on its own."""
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


def test_a_rule_fills_a_queue_that_lets_events_in(local_aws, template):
    """What the rule passes on is found in the queue itself."""
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
    """The engine fills the queue all the same; AWS does not."""
    bus(template)
    template.queue()
    rule(template, {"Arn": arn("Queue")})
    run = local_aws.deploy(template.write()).invoke("Source", {})
    assert "add an AWS::SQS::QueuePolicy" in run.problems[0]
    assert run.delivered_to("Queue") == []


def test_a_rule_publishes_to_a_topic_and_its_subscribers_run(local_aws, template):
    """Bus, topic, function, queue: each leg is followed."""
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


def test_a_rule_that_does_not_match_is_named_if_it_was_meant(local_aws, template):
    """A rule for another qualifier of the same function is the usual reason for a lost response."""
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
    """A constant input and an input transformer are the engine's to make."""
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
def test_a_topic_fills_its_queue(local_aws, template, raw):
    """A queue's message is the record itself, or the record in SNS's own envelope."""
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
    """The function gets an SNS event with the record as its message, and has destinations of its own."""
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
    """The engine runs the function all the same; AWS does not."""
    topic = template.topic()
    template.source("success", topic, "sns")
    template.function("Other")
    template.add("Subscription", "AWS::SNS::Subscription", TopicArn=topic, Protocol="lambda", Endpoint=arn("Other"))
    run = local_aws.deploy(template.write()).invoke("Source", {})
    assert "sns.amazonaws.com may not lambda:InvokeFunction" in run.problems[0]


def test_a_filter_policy_holds_a_notification_back(local_aws, template):
    """A filtered notification is no lost record: nothing failed."""
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
