"""What would fail silently gets a warning at synth, on the construct, with an id that can be acknowledged."""

import re
from pathlib import Path

import aws_cdk.aws_lambda as lambda_
import aws_cdk.aws_sns as sns
import aws_cdk.aws_sqs as sqs
import pytest

import lambda_destinations as destinations
from lambda_destinations.cdk._warnings import WARNINGS
from support.cdk import PARITY, UPSTREAM_PARITY, V1, annotations, cdk, function, watch_an_age_in_a_token

IRELAND = {"account": "111111111111", "region": "eu-west-1"}


def age(seconds, retries=None):
    def build(app):
        stack = cdk.Stack(app, "Stack")
        options = {} if seconds is None else {"max_event_age": cdk.Duration.seconds(seconds)}
        function(
            stack,
            "Fn",
            on_failure=destinations.SqsDestination(sqs.Queue(stack, "Q")),
            retry_attempts=retries,
            **options,
        )

    return build


def source_without_a_role(app):
    stack = cdk.Stack(app, "Stack")
    fn = lambda_.Function.from_function_arn(stack, "Imported", "arn:aws:lambda:eu-west-1:111111111111:function:f")
    lambda_.EventInvokeConfig(stack, "Config", function=fn, on_failure=destinations.EventBridgeDestination())


def queue_elsewhere(app):
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(**IRELAND))
    queue = sqs.Queue.from_queue_arn(stack, "Queue", "arn:aws:sqs:us-east-2:111111111111:queue")
    function(stack, "Fn", on_failure=destinations.SqsDestination(queue))


def topic_of_a_stack_elsewhere(app):
    there = cdk.Stack(app, "There", env=cdk.Environment(account="222222222222", region="eu-west-1"))
    topic = sns.Topic(there, "Topic", topic_name="orders")
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(**IRELAND))
    role = cdk_role(stack)
    function(stack, "Fn", on_failure=destinations.SnsDestination(topic), role=role)


def cdk_role(stack):
    import aws_cdk.aws_iam as iam

    return iam.Role(stack, "Role", role_name="source", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))


def loop_of_two(app):
    stack = cdk.Stack(app, "Stack")
    first, second = function(stack, "First"), function(stack, "Second")
    first.configure_async_invoke(on_success=destinations.LambdaDestination(second, response_only=True))
    second.configure_async_invoke(on_success=destinations.LambdaDestination(first, response_only=True))


def loop_of_one(app):
    fn = function(cdk.Stack(app, "Stack"), "Fn")
    fn.configure_async_invoke(on_success=destinations.LambdaDestination(fn, response_only=True))


def loop_with_a_direct_leg(app):
    stack = cdk.Stack(app, "Stack")
    first, second = function(stack, "First"), function(stack, "Second")
    first.configure_async_invoke(on_success=destinations.LambdaDestination(second, response_only=True))
    second.configure_async_invoke(on_success=destinations.LambdaDestination(first))


def loop_through_an_alias(app):
    stack = cdk.Stack(app, "Stack")
    first, second = function(stack, "First"), function(stack, "Second")
    alias = lambda_.Alias(stack, "Alias", alias_name="live", version=first.current_version)
    second.configure_async_invoke(on_success=destinations.LambdaDestination(alias, response_only=True))
    alias.configure_async_invoke(on_failure=destinations.LambdaDestination(second, response_only=True))


WARNED = [
    (age(60), "age-below-retry", "/Stack/Fn/EventInvokeConfig/Resource", "60 s leaves time for 0 of 2 retries"),
    (age(60, 1), "age-below-retry", "/Stack/Fn/EventInvokeConfig/Resource", "60 s leaves time for 0 of 1 retries"),
    (age(179), "age-below-retry", "/Stack/Fn/EventInvokeConfig/Resource", "179 s leaves time for 1 of 2 retries"),
    (source_without_a_role, "no-grant", "/Stack/Config", "Stack/Imported is imported without its role"),
    (queue_elsewhere, "other-environment", "/Stack/Fn/EventInvokeConfig", "Stack/Queue is in 111111111111 us-east-2"),
    (topic_of_a_stack_elsewhere, "other-environment", "/Stack/Fn/EventInvokeConfig", "There/Topic is in 222222222222"),
    (
        loop_of_two,
        "loop",
        "/Stack/Second/EventInvokeConfig",
        "Second/EventInvokeConfig → Stack/First/",
    ),
    (loop_with_a_direct_leg, "loop", "/Stack/Second/EventInvokeConfig", "go round in a loop"),
    (loop_of_one, "loop", "/Stack/Fn/EventInvokeConfig", "go round in a loop (Stack/Fn/EventInvokeConfig)"),
    (loop_through_an_alias, "loop", "/Stack/Alias/EventInvokeConfig", "go round in a loop"),
    (watch_an_age_in_a_token, "age-unknown", "/Stack/Alarms", "its alarm takes it for 6 hours"),
]
warned = pytest.mark.parametrize(
    ("build", "id", "path", "words"), WARNED, ids=lambda value: getattr(value, "__qualname__", "").split(".")[0]
)


@warned
def test_there_is_one_warning_on_the_construct(build, id, path, words):
    ((found, text),) = annotations(build)
    assert found == path
    assert words in text
    assert text.endswith(f"[ack: lambda-destinations:{id}]")


@warned
def test_the_context_list_turns_it_off(build, id, path, words):
    assert annotations(build, context={"lambda-destinations:acknowledged": [f"lambda-destinations:{id}"]}) == []
    assert len(annotations(build, context={"lambda-destinations:acknowledged": ["lambda-destinations:other"]})) == 1


@warned
def test_the_parity_key_turns_it_off(build, id, path, words):
    assert annotations(build, context=PARITY) == []


@pytest.mark.skipif(V1, reason="CDK v1 has no acknowledgement of its own")
@warned
def test_the_acknowledgement_of_the_cdk_turns_it_off(build, id, path, words):
    def acknowledged(app):
        build(app)
        for child in app.node.children:
            cdk.Annotations.of(child).acknowledge_warning(f"lambda-destinations:{id}")

    assert annotations(acknowledged) == []


@pytest.mark.parametrize(("seconds", "retries"), [(60, 0), (61, 1), (179, 1), (180, 2), (180, None), (None, 2)])
def test_an_age_that_leaves_time_for_the_retries_gets_no_warning(seconds, retries):
    assert annotations(age(seconds, retries)) == []


def test_an_age_that_is_known_only_when_deployed_is_not_checked():
    def build(app):
        stack = cdk.Stack(app, "Stack")
        function(stack, "Fn", on_failure=destinations.SqsDestination(sqs.Queue(stack, "Q")))
        config = stack.node.find_child("Fn").node.find_child("EventInvokeConfig").node.default_child
        config.maximum_event_age_in_seconds = cdk.CfnParameter(stack, "Age", type="Number").value_as_number
        config.maximum_retry_attempts = cdk.CfnParameter(stack, "Retries", type="Number").value_as_number

    assert annotations(build) == []


def test_one_destination_on_success_and_on_failure_gets_one_warning():
    def build(app):
        stack = cdk.Stack(app, "Stack", env=cdk.Environment(**IRELAND))
        queue = sqs.Queue.from_queue_arn(stack, "Queue", "arn:aws:sqs:us-east-2:111111111111:queue")
        shared = destinations.SqsDestination(queue)
        function(stack, "Fn", on_success=shared, on_failure=shared)

    assert len(annotations(build)) == 1


def test_the_context_list_may_be_a_string_as_the_command_line_gives_it():
    given = "lambda-destinations:loop, lambda-destinations:no-grant"
    assert annotations(loop_of_two, context={"lambda-destinations:acknowledged": given}) == []
    assert len(annotations(age(60), context={"lambda-destinations:acknowledged": given})) == 1


def test_the_parity_key_may_be_set_on_one_stack():
    def build(app):
        for name in ("Ours", "Theirs"):
            stack = cdk.Stack(app, name)
            if name == "Theirs":
                stack.node.set_context(UPSTREAM_PARITY, True)
            queue = destinations.SqsDestination(sqs.Queue(stack, "Q"))
            function(stack, "Fn", on_failure=queue, max_event_age=cdk.Duration.seconds(60))

    assert [path for path, _ in annotations(build)] == ["/Ours/Fn/EventInvokeConfig/Resource"]


def test_each_qualifier_has_its_own_configuration_and_there_is_no_loop():
    def build(app):
        stack = cdk.Stack(app, "Stack")
        first = function(stack, "First")
        second = function(stack, "Second", on_success=destinations.LambdaDestination(first, response_only=True))
        alias = lambda_.Alias(stack, "Alias", alias_name="live", version=first.current_version)
        alias.configure_async_invoke(on_success=destinations.LambdaDestination(second, response_only=True))

    assert annotations(build) == []


@pytest.mark.parametrize("order", [("Beta", "Prod"), ("Prod", "Beta")])
def test_with_a_resource_imported_above_the_stages_every_stage_is_checked(order):
    def build(app):
        shared = sqs.Queue.from_queue_arn(cdk.Stack(app, "Shared"), "Q", "arn:aws:sqs:eu-west-1:111111111111:queue")
        stages = {name: cdk.Stage(app, name, env=cdk.Environment(**IRELAND)) for name in ("Beta", "Prod")}
        for name in order:
            stack, queue = cdk.Stack(stages[name], "Stack"), destinations.SqsDestination(shared)
            function(stack, "Fn", on_failure=queue, max_event_age=cdk.Duration.seconds(60))

    assert len(annotations(build)) == 2


def test_every_stage_is_checked():
    def build(app):
        for name in ("Beta", "Prod"):
            stack = cdk.Stack(cdk.Stage(app, name, env=cdk.Environment(**IRELAND)), "Stack")
            queue = destinations.SqsDestination(sqs.Queue(stack, "Q"))
            function(stack, "Fn", on_failure=queue, max_event_age=cdk.Duration.seconds(60))

    assert [path for path, _ in annotations(build)] == [
        "/Beta/Stack/Fn/EventInvokeConfig/Resource",
        "/Prod/Stack/Fn/EventInvokeConfig/Resource",
    ]


def test_a_chain_is_not_a_loop():
    def build(app):
        stack = cdk.Stack(app, "Stack")
        third = function(stack, "Third")
        second = function(stack, "Second", on_success=destinations.LambdaDestination(third, response_only=True))
        function(
            stack,
            "First",
            on_success=destinations.LambdaDestination(second, response_only=True),
            on_failure=destinations.LambdaDestination(third, response_only=True),
        )

    assert annotations(build) == []


def test_imported_functions_of_two_apps_make_no_loop():
    def leg(source, target):
        def build(app):
            stack = cdk.Stack(app, "Stack", env=cdk.Environment(**IRELAND))
            arn = "arn:aws:lambda:eu-west-1:111111111111:function:{}".format
            role = cdk_role(stack)
            fn = lambda_.Function.from_function_attributes(stack, "S", function_arn=arn(source), role=role)
            to = lambda_.Function.from_function_attributes(stack, "T", function_arn=arn(target), same_environment=True)
            chained = destinations.LambdaDestination(to, response_only=True)
            lambda_.EventInvokeConfig(stack, "Config", function=fn, on_success=chained)

        return build

    assert annotations(leg("a", "b")) == []
    assert annotations(leg("b", "a")) == []


@pytest.mark.parametrize("kind", ["queue", "topic"])
def test_each_rule_to_an_imported_resource_gets_a_warning(kind):
    def build(app):
        stack = cdk.Stack(app, "Stack")
        arn = "arn:aws:{}:eu-west-1:111111111111:shared".format
        if kind == "queue":
            to = destinations.SqsDestination(sqs.Queue.from_queue_arn(stack, "R", arn("sqs")), response_only=True)
        else:
            to = destinations.SnsDestination(sns.Topic.from_topic_arn(stack, "R", arn("sns")), response_only=True)
        for name in ("First", "Second"):
            function(stack, name, on_failure=to)

    assert [path for path, _ in annotations(build)] == [
        "/Stack/First/EventInvokeConfig/Failure",
        "/Stack/Second/EventInvokeConfig/Failure",
    ]
    assert annotations(build, context=PARITY) == []


@pytest.mark.parametrize("value", [True, "true", "True", "TRUE", "1", 1, "yes", "on", " true "], ids=repr)
def test_every_way_to_say_true_turns_them_off(value):
    assert annotations(loop_of_two, context={UPSTREAM_PARITY: value}) == []


@pytest.mark.parametrize("value", [False, "false", "False", "0", 0, "", None, "no", "off"], ids=repr)
def test_every_way_to_say_false_leaves_them_on(value):
    assert len(annotations(loop_of_two, context={UPSTREAM_PARITY: value})) == 1


@pytest.mark.parametrize("value", ["maybe", 2, ["true"]], ids=repr)
def test_a_parity_key_that_is_neither_true_nor_false_is_refused(value):
    with pytest.raises((RuntimeError, ValueError), match=r"upstream-parity is .*: set it to true or false"):
        annotations(loop_of_two, context={UPSTREAM_PARITY: value})


def test_the_readme_has_a_row_for_each_warning_and_no_other():
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    assert re.findall(r"^\| `lambda-destinations:([a-z-]+)` \|", readme, re.MULTILINE) == list(WARNINGS)
