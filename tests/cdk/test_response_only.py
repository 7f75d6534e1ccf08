"""`response_only` to a queue or a topic: a rule, and a resource policy that allows only this rule to deliver."""

import aws_cdk.aws_kms as kms
import aws_cdk.aws_sns as sns
import aws_cdk.aws_sqs as sqs
import pytest

import lambda_destinations as destinations
from support.cdk import annotations, cdk, function, resources, synthesize


def to_queue(stack, **props):
    return destinations.SqsDestination(sqs.Queue(stack, "Resource0", **props), response_only=True)


def to_topic(stack, **props):
    return destinations.SnsDestination(sns.Topic(stack, "Resource0", **props), response_only=True)


KINDS = [
    pytest.param(to_queue, "AWS::SQS::QueuePolicy", "sqs:SendMessage", "encryption_master_key", id="queue"),
    pytest.param(to_topic, "AWS::SNS::TopicPolicy", "sns:Publish", "master_key", id="topic"),
]


def built(make, key_parameter=None):
    def build(app):
        stack = cdk.Stack(app, "Stack")
        props = {key_parameter: kms.Key(stack, "MasterKey")} if key_parameter else {}
        function(stack, "Fn", on_success=make(stack, **props))

    return build


@pytest.mark.parametrize(("make", "policy_type", "action", "key_parameter"), KINDS)
def test_the_rule_sends_only_the_response(make, policy_type, action, key_parameter):
    (rule,) = resources(synthesize(built(make)), "AWS::Events::Rule")
    assert rule["EventPattern"]["detail-type"] == ["Lambda Function Invocation Result - Success"]
    (target,) = rule["Targets"]
    assert target["InputPath"] == "$.detail.responsePayload"


@pytest.mark.parametrize(("make", "policy_type", "action", "key_parameter"), KINDS)
def test_the_resource_allows_this_rule_to_deliver(make, policy_type, action, key_parameter):
    templates = synthesize(built(make))
    (template,) = templates.values()
    rule = next(key for key, resource in template["Resources"].items() if resource["Type"] == "AWS::Events::Rule")
    (policy,) = resources(templates, policy_type)
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == action
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Condition"] == {"ArnLike": {"aws:SourceArn": [{"Fn::GetAtt": [rule, "Arn"]}]}}


@pytest.mark.parametrize(("make", "policy_type", "action", "key_parameter"), KINDS)
def test_the_function_itself_may_only_put_events(make, policy_type, action, key_parameter):
    (policy,) = resources(synthesize(built(make, key_parameter)), "AWS::IAM::Policy")
    assert [statement["Action"] for statement in policy["PolicyDocument"]["Statement"]] == ["events:PutEvents"]


@pytest.mark.parametrize(("make", "policy_type", "action", "key_parameter"), KINDS)
def test_event_bridge_may_use_the_key_of_an_encrypted_resource(make, policy_type, action, key_parameter):
    (key,) = resources(synthesize(built(make, key_parameter)), "AWS::KMS::Key")
    statements = [s for s in key["KeyPolicy"]["Statement"] if s["Principal"] == {"Service": "events.amazonaws.com"}]
    assert [set(statement["Action"]) for statement in statements] == [{"kms:GenerateDataKey*", "kms:Decrypt"}]


@pytest.mark.parametrize(("make", "policy_type", "action", "key_parameter"), KINDS)
def test_there_is_no_warning(make, policy_type, action, key_parameter):
    assert annotations(built(make)) == []
    assert annotations(built(make, key_parameter)) == []


def test_many_functions_get_a_rule_each_and_one_statement_for_all():
    """A queue's policy has room for 20 statements."""

    def build(app):
        stack = cdk.Stack(app, "Stack")
        shared = to_queue(stack)
        for n in range(25):
            function(stack, f"Fn{n}", on_success=shared, on_failure=shared)

    templates = synthesize(build)
    assert len(resources(templates, "AWS::Events::Rule")) == 50
    (policy,) = resources(templates, "AWS::SQS::QueuePolicy")
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert len(statement["Condition"]["ArnLike"]["aws:SourceArn"]) == 50


def test_with_more_rules_than_fit_into_a_queues_policy_every_rule_of_the_account_is_allowed():
    """The policy has room for 8,192 bytes, and a rule's ARN takes up to 120."""

    def build(app):
        stack = cdk.Stack(app, "Stack")
        shared = to_queue(stack)
        for n in range(31):
            function(stack, f"Fn{n}", on_success=shared, on_failure=shared)

    (policy,) = resources(synthesize(build), "AWS::SQS::QueuePolicy")
    (arn,) = policy["PolicyDocument"]["Statement"][0]["Condition"]["ArnLike"]["aws:SourceArn"]
    assert arn["Fn::Join"][1][-1] == ":rule/*"


def another_stack(app):
    return cdk.Stack(app, "Shared")


def a_nested_stack(app):
    return cdk.NestedStack(cdk.Stack(app, "Outer"), "Inner")


@pytest.mark.parametrize("where", [another_stack, a_nested_stack])
@pytest.mark.parametrize(("make", "policy_type", "action", "key_parameter"), KINDS)
def test_a_resource_of_another_stack_allows_every_rule_of_the_account_to_deliver(
    make, policy_type, action, key_parameter, where
):
    """Its policy cannot name the rule: each stack would need the other."""

    def build(app):
        shared = where(app)
        stack = shared.node.scope if where is a_nested_stack else cdk.Stack(app, "Stack")
        encrypted = {key_parameter: kms.Key(shared, "MasterKey")}
        function(stack, "Fn", on_success=make(shared, **encrypted))

    templates = synthesize(build)
    (policy,) = resources(templates, policy_type)
    (arn,) = policy["PolicyDocument"]["Statement"][0]["Condition"]["ArnLike"]["aws:SourceArn"]
    assert arn["Fn::Join"][1][-1] == ":rule/*"
    outer = next((t for t in templates.values() if "AWS::CloudFormation::Stack" in str(t)), None)
    if outer is not None:
        nested = next(r for r in outer["Resources"].values() if r["Type"] == "AWS::CloudFormation::Stack")
        assert "Fn::GetAtt" not in str(nested["Properties"].get("Parameters"))


def test_an_imported_queue_gets_a_warning_because_its_policy_cannot_be_changed():
    def build(app):
        stack = cdk.Stack(app, "Stack")
        queue = sqs.Queue.from_queue_arn(stack, "Queue", "arn:aws:sqs:eu-west-1:111111111111:queue")
        function(stack, "Fn", on_success=destinations.SqsDestination(queue, response_only=True))

    ((_, text),) = annotations(build)
    assert "Stack/Queue is imported" in text
    assert "[ack: lambda-destinations:resource-policy]" in text


def test_a_queue_with_an_aws_managed_key_gets_a_warning_because_event_bridge_cannot_use_it():
    def build(app):
        stack = cdk.Stack(app, "Stack")
        function(stack, "Fn", on_success=to_queue(stack, encryption=sqs.QueueEncryption.KMS_MANAGED))

    ((_, text),) = annotations(build)
    assert "[ack: lambda-destinations:key-policy]" in text
