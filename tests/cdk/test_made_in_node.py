"""A construct that the CDK made in Node comes to Python as a new object each time."""

import aws_cdk.aws_lambda as lambda_
import aws_cdk.aws_sqs as sqs
import pytest

import lambda_destinations as destinations
from support.cdk import annotations, cdk, function, resources, synthesize


def owner_of_a_queue(stack):
    owner = function(stack, "Owner", dead_letter_queue_enabled=True)
    assert owner.dead_letter_queue is not owner.dead_letter_queue
    return owner


def test_a_queue_that_a_construct_made_gets_one_statement_for_all_its_rules():
    def build(app):
        stack = cdk.Stack(app, "Stack")
        owner = owner_of_a_queue(stack)
        for n in range(3):
            to = destinations.SqsDestination(owner.dead_letter_queue, response_only=True)
            function(stack, f"Fn{n}", on_success=to)

    (policy,) = resources(synthesize(build), "AWS::SQS::QueuePolicy")
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert len(statement["Condition"]["ArnLike"]["aws:SourceArn"]) == 3


def in_an_app_of_the_cdks(build):
    """Synthesize a stack without an app: the CDK makes the app."""
    stack = cdk.Stack(None, "Stack")
    build(stack)
    root = stack.node.root
    return root.synth() if hasattr(root, "synth") else None, stack


def test_the_policy_names_each_rule_of_the_stack_also_in_an_app_that_the_cdk_made():
    def build(stack):
        owner = owner_of_a_queue(stack)
        for n in range(2):
            to = destinations.SqsDestination(owner.dead_letter_queue, response_only=True)
            function(stack, f"Fn{n}", on_success=to, max_event_age=cdk.Duration.seconds(60))

    assembly, stack = in_an_app_of_the_cdks(build)
    if assembly is None:
        pytest.skip("this CDK makes no app")
    artifact = assembly.get_stack_by_name(stack.stack_name)
    (policy,) = resources({"": artifact.template}, "AWS::SQS::QueuePolicy")
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert [list(arn) for arn in statement["Condition"]["ArnLike"]["aws:SourceArn"]] == [["Fn::GetAtt"]] * 2
    assert len([m for m in artifact.messages if "age-below-retry" in str(m.entry.data)]) == 2


def test_a_key_that_a_construct_made_names_the_role_in_its_own_stack():
    """It does not name the whole account, as the key of another stack does on CDK v1."""

    def build(app):
        stack = cdk.Stack(app, "Stack")
        queue = sqs.Queue(stack, "Queue", encryption=sqs.QueueEncryption.KMS)
        inner = queue.encryption_master_key
        topic_like = sqs.Queue(stack, "Other")
        topic_like.node.default_child.kms_master_key_id = inner.key_arn
        function(stack, "Fn", on_failure=destinations.SqsDestination(topic_like))

    (key,) = resources(synthesize(build), "AWS::KMS::Key")
    principals = [str(s["Principal"]) for s in key["KeyPolicy"]["Statement"][1:]]
    assert not any(":root" in principal for principal in principals)


def test_a_loop_of_functions_that_come_as_new_objects_is_found():
    def build(app):
        stack = cdk.Stack(app, "Stack")
        first, second = (function(stack, name).current_version for name in ("First", "Second"))
        lambda_.Alias(stack, "A", alias_name="a", version=first)
        second.lambda_.configure_async_invoke(
            on_success=destinations.LambdaDestination(first.lambda_, response_only=True)
        )
        first.lambda_.configure_async_invoke(
            on_success=destinations.LambdaDestination(second.lambda_, response_only=True)
        )

    assert len(annotations(build)) == 1


def test_two_apps_that_are_built_alternately_stay_separate(tmp_path):
    """Their constructs have the same paths, and their imports the same ARNs."""
    apps = [cdk.App(outdir=str(tmp_path / name), analytics_reporting=False) for name in ("a", "b")]
    stacks = [cdk.Stack(app, "Stack") for app in apps]
    arn = "arn:aws:sqs:eu-west-1:111111111111:queue"
    queues = [sqs.Queue.from_queue_arn(stack, "Imported", arn) for stack in stacks]
    owned = [sqs.Queue(stack, "Queue") for stack in stacks]
    for n in range(2):
        for stack, imported, queue in zip(stacks, queues, owned, strict=True):
            to = destinations.SqsDestination(imported, response_only=True)
            function(stack, f"Fn{n}", on_success=to, on_failure=destinations.SqsDestination(queue, response_only=True))
    artifacts = [app.synth().get_stack_by_name("Stack") for app in apps]
    assert artifacts[0].template == artifacts[1].template
    messages = [[str(m.entry.data) for m in artifact.messages] for artifact in artifacts]
    texts = [[text for text in each if "lambda-destinations:" in text] for each in messages]
    assert texts[0] == texts[1]
    assert len(texts[0]) == 2  # one for each rule to the imported queue
