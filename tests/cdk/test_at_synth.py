"""The checks run at synth: after aspects and changes, on what is in the tree."""

import aws_cdk.aws_lambda as lambda_
import aws_cdk.aws_sqs as sqs
import jsii
import pytest

import lambda_destinations as destinations
from support.cdk import annotations, cdk, function, resources, synthesize


def aged(stack, id, seconds):
    queue = sqs.Queue(stack, f"{id}Queue")
    age = cdk.Duration.seconds(seconds)
    return function(stack, id, on_failure=destinations.SqsDestination(queue), max_event_age=age)


def configuration(fn):
    return fn.node.find_child("EventInvokeConfig").node.default_child


@jsii.implements(cdk.IAspect)
class SetAge:
    def __init__(self, seconds):
        self.seconds = seconds

    def visit(self, node):
        if isinstance(node, lambda_.CfnEventInvokeConfig):
            node.maximum_event_age_in_seconds = self.seconds


@pytest.mark.parametrize("place", ["app", "stack", "function", "configuration"])
@pytest.mark.parametrize(("built", "set_to", "warnings"), [(60, 3600, 0), (3600, 60, 2)])
def test_an_age_is_checked_after_every_aspect(place, built, set_to, warnings):
    def build(app):
        stack = cdk.Stack(app, "Stack")
        for fn in (aged(stack, "First", built), aged(stack, "Last", built)):
            scope = {"app": app, "stack": stack, "function": fn, "configuration": configuration(fn)}[place]
            cdk.Aspects.of(scope).add(SetAge(set_to))

    assert len(annotations(build)) == warnings


@pytest.mark.parametrize(("built", "set_to", "warnings"), [(60, 3600, 0), (3600, 60, 1)])
def test_an_age_is_checked_after_a_change_of_its_resource(built, set_to, warnings):
    def build(app):
        fn = aged(cdk.Stack(app, "Stack"), "Fn", built)
        configuration(fn).maximum_event_age_in_seconds = set_to

    assert len(annotations(build)) == warnings


def test_the_ages_of_a_stage_are_checked_if_the_function_that_was_bound_first_is_removed():
    def build(app):
        stack = cdk.Stack(app, "Stack")
        aged(stack, "First", 60)
        aged(stack, "Last", 60)
        stack.node.try_remove_child("First")

    ((path, _),) = annotations(build)
    assert path == "/Stack/Last/EventInvokeConfig/Resource"


def chained(stack, source, target, **options):
    source.configure_async_invoke(on_success=destinations.LambdaDestination(target, response_only=True, **options))


def test_a_function_that_was_removed_makes_no_loop():
    def build(app):
        stack = cdk.Stack(app, "Stack")
        first, second = function(stack, "First"), function(stack, "Second")
        chained(stack, first, second)
        chained(stack, second, first)
        first.node.try_remove_child("EventInvokeConfig")

    assert annotations(build) == []


def standalone(stack, id, fn, target, **options):
    to = destinations.LambdaDestination(target, response_only=True)
    return lambda_.EventInvokeConfig(stack, id, function=fn, on_success=to, **options)


def alias_of(stack, id, fn):
    return lambda_.Alias(stack, id, alias_name="live", version=fn.current_version)


def loop_of_standalone_configurations(stack):
    first, second = function(stack, "First"), function(stack, "Second")
    standalone(stack, "FirstConfig", first, second)
    standalone(stack, "SecondConfig", second, first)


def loop_through_a_standalone_configuration(stack):
    first, second = function(stack, "First"), function(stack, "Second")
    chained(stack, first, second)
    standalone(stack, "Config", second, first)


def loop_through_a_standalone_configuration_of_an_alias(stack):
    first, second = function(stack, "First"), function(stack, "Second")
    alias = alias_of(stack, "Alias", second)
    chained(stack, first, alias)
    standalone(stack, "Config", second, first, qualifier="live")


def loop_of_aliases(stack):
    first, second = (alias_of(stack, f"{name}Alias", function(stack, name)) for name in ("First", "Second"))
    chained(stack, first, second)
    standalone(stack, "Config", second, first, qualifier=second.alias_name)


def loop_of_versions(stack):
    first, second = (function(stack, name).current_version for name in ("First", "Second"))
    chained(stack, first, second)
    standalone(stack, "Config", second, first, qualifier=second.version)


@pytest.mark.parametrize(
    "build",
    [
        loop_of_standalone_configurations,
        loop_through_a_standalone_configuration,
        loop_through_a_standalone_configuration_of_an_alias,
        loop_of_aliases,
        loop_of_versions,
    ],
)
def test_a_loop_through_a_standalone_configuration_is_found(build):
    ((_, text),) = annotations(lambda app: build(cdk.Stack(app, "Stack")))
    assert text.endswith("[ack: lambda-destinations:loop]")


def test_a_configuration_of_another_qualifier_makes_no_loop():
    def build(app):
        stack = cdk.Stack(app, "Stack")
        first, second = function(stack, "First"), function(stack, "Second")
        chained(stack, first, second)
        standalone(stack, "Config", second, first, qualifier="live")

    assert annotations(build) == []


def test_a_queues_policy_names_no_rule_of_a_removed_function():
    def build(app):
        stack = cdk.Stack(app, "Stack")
        shared = destinations.SqsDestination(sqs.Queue(stack, "Queue"), response_only=True)
        for name in ("Kept", "Removed"):
            function(stack, name, on_success=shared, on_failure=shared)
        stack.node.try_remove_child("Removed")

    templates = synthesize(build)
    (policy,) = resources(templates, "AWS::SQS::QueuePolicy")
    named = policy["PolicyDocument"]["Statement"][0]["Condition"]["ArnLike"]["aws:SourceArn"]
    (template,) = templates.values()
    assert len(named) == 2
    assert all(arn["Fn::GetAtt"][0] in template["Resources"] for arn in named)


def test_a_queues_policy_allows_no_rule_when_every_rule_was_removed():
    def build(app):
        stack = cdk.Stack(app, "Stack")
        shared = destinations.SqsDestination(sqs.Queue(stack, "Queue"), response_only=True)
        function(stack, "Removed", on_success=shared)
        stack.node.try_remove_child("Removed")

    (policy,) = resources(synthesize(build), "AWS::SQS::QueuePolicy")
    (arn,) = policy["PolicyDocument"]["Statement"][0]["Condition"]["ArnLike"]["aws:SourceArn"]
    assert arn["Fn::Join"][1][-1] == ":rule/-"


def test_a_function_that_replaces_a_removed_one_is_bound_as_another():
    """Its configuration has the path of the removed configuration, and is bound just after it."""

    def build(app):
        stack = cdk.Stack(app, "Stack")
        target = function(stack, "Target")
        to = destinations.LambdaDestination(target, response_only=True)
        function(stack, "Fn", on_failure=to)
        stack.node.try_remove_child("Fn")
        function(stack, "Fn", on_success=to)

    (policy,) = resources(synthesize(build), "AWS::IAM::Policy")
    assert policy["PolicyDocument"]["Statement"][0]["Action"] == "events:PutEvents"


def test_the_outcomes_of_two_functions_are_not_mixed_up():
    def build(app):
        stack = cdk.Stack(app, "Stack")
        to = destinations.LambdaDestination(function(stack, "Target"), response_only=True)
        function(stack, "Failing", on_failure=to)
        function(stack, "Succeeding", on_success=to)

    templates = synthesize(build)
    patterns = [rule["EventPattern"]["resources"][0] for rule in resources(templates, "AWS::Events::Rule")]
    assert len({str(arn) for arn in patterns}) == 2
    assert len(resources(templates, "AWS::IAM::Policy")) == 2


def test_synthesizing_twice_gives_the_same_and_warns_once(tmp_path):
    app = cdk.App(outdir=str(tmp_path), analytics_reporting=False)
    stack = cdk.Stack(app, "Stack")
    aged(stack, "Fn", 60)
    loop_of_standalone_configurations(stack)
    first = app.synth().get_stack_by_name("Stack")
    second = app.synth(force=True).get_stack_by_name("Stack")
    assert first.template == second.template
    assert [message.entry.data for message in second.messages] == [message.entry.data for message in first.messages]
    assert len([m for m in second.messages if "lambda-destinations:" in str(m.entry.data)]) == 2


def test_skipped_validation_changes_no_template(tmp_path):
    app = cdk.App(outdir=str(tmp_path), analytics_reporting=False)
    stack = cdk.Stack(app, "Stack")
    fn = function(stack, "Fn")
    chained(stack, alias_of(stack, "Alias", fn), function(stack, "Target"))
    skipped = app.synth(skip_validation=True).get_stack_by_name("Stack").template
    assert app.synth(force=True).get_stack_by_name("Stack").template == skipped
