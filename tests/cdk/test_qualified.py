"""`response_only` of an alias, a version or another qualifier: the rule matches the events that Lambda really sends.

`functionArn` in a record, and so `resources` in its event, has the qualifier that was invoked (recorded from the
service in 2026). Upstream's rule always matches `:$LATEST`.
"""

import json

import aws_cdk.aws_lambda as lambda_
import aws_cdk.aws_lambda_destinations as upstream
import pytest
from moto.events.models import EventPattern

import lambda_destinations as ours
from support.cdk import PARITY, cdk, function, resources, synthesize

FUNCTION = "arn:aws:lambda:eu-west-1:111111111111:function:source"
BUS = "arn:aws:events:eu-west-1:111111111111:event-bus/default"


def of_a_function(stack, target):
    function(stack, "Source", function_name="source", on_success=target)


def of_an_alias(stack, target):
    version = function(stack, "Source", function_name="source").current_version
    lambda_.Alias(stack, "Alias", alias_name="live", version=version, on_success=target)


def of_an_alias_configured_later(stack, target):
    version = function(stack, "Source", function_name="source").current_version
    lambda_.Alias(stack, "Alias", alias_name="live", version=version).configure_async_invoke(on_success=target)


def of_a_version(stack, target):
    lambda_.Version(stack, "Version", lambda_=function(stack, "Source", function_name="source"), on_success=target)


def of_a_qualifier(stack, target):
    fn = function(stack, "Source", function_name="source")
    lambda_.EventInvokeConfig(stack, "Config", function=fn, on_success=target, qualifier="live")


def of_a_configuration_without_a_qualifier(stack, target):
    fn = function(stack, "Source", function_name="source")
    lambda_.EventInvokeConfig(stack, "Config", function=fn, on_success=target)


def of_a_configuration_below_another_function(stack, target):
    fn = function(stack, "Source", function_name="source")
    lambda_.EventInvokeConfig(fn, "Config", function=fn, on_success=target, qualifier="live")


def of_an_imported_alias(stack, target):
    imported = lambda_.Function.from_function_attributes(
        stack, "Source", function_arn=f"{FUNCTION}:live", same_environment=True
    )
    lambda_.EventInvokeConfig(stack, "Config", function=imported, on_success=target, qualifier="live")


def of_an_alias_given_to_a_configuration(stack, target):
    version = function(stack, "Source", function_name="source").current_version
    alias = lambda_.Alias(stack, "Alias", alias_name="live", version=version)
    lambda_.EventInvokeConfig(stack, "Config", function=alias, on_success=target, qualifier="live")


def of_a_configuration_under_the_cdks_own_id(stack, target):
    fn = function(stack, "Source", function_name="source")
    lambda_.EventInvokeConfig(fn, "EventInvokeConfig", function=fn, on_success=target, qualifier="live")


def of_another_qualifier_below_a_version(stack, target):
    version = function(stack, "Source", function_name="source").current_version
    fn = version.lambda_
    lambda_.EventInvokeConfig(version, "EventInvokeConfig", function=fn, on_success=target, qualifier="live")


def of_a_whole_function_below_an_alias(stack, target):
    fn = function(stack, "Source", function_name="source")
    alias = lambda_.Alias(stack, "Alias", alias_name="live", version=fn.current_version)
    lambda_.EventInvokeConfig(alias, "EventInvokeConfig", function=fn, on_success=target)


def of_a_function_below_another_ones_version(stack, target):
    other = function(stack, "Other").current_version
    fn = function(stack, "Source", function_name="source")
    lambda_.EventInvokeConfig(other, "EventInvokeConfig", function=fn, on_success=target)


def of_a_function_below_another_one(stack, target):
    fn, other = function(stack, "Source", function_name="source"), function(stack, "Other")
    lambda_.EventInvokeConfig(other, "EventInvokeConfig", function=fn, on_success=target)


def of_a_qualifier_that_is_set_later(stack, target):
    fn = function(stack, "Source", function_name="source", on_success=target)
    fn.node.find_child("EventInvokeConfig").node.default_child.qualifier = "live"


QUALIFIERS = [
    (of_a_configuration_under_the_cdks_own_id, "live"),
    (of_another_qualifier_below_a_version, "live"),
    (of_a_whole_function_below_an_alias, "$LATEST"),
    (of_a_function_below_another_ones_version, "$LATEST"),
    (of_a_function_below_another_one, "$LATEST"),
    (of_a_qualifier_that_is_set_later, "live"),
    (of_an_alias_given_to_a_configuration, "live"),
    (of_a_function, "$LATEST"),
    (of_an_alias, "live"),
    (of_an_alias_configured_later, "live"),
    (of_a_version, "3"),
    (of_a_qualifier, "live"),
    (of_a_configuration_without_a_qualifier, "$LATEST"),
    (of_a_configuration_below_another_function, "live"),
    (of_an_imported_alias, "live"),
]
UPSTREAM_LOSES = [pair for pair in QUALIFIERS if pair[1] != "$LATEST"]


def event(qualifier):
    """Make the event that Lambda puts on the default bus, with members and order as recorded."""
    arn = f"{FUNCTION}:{qualifier}"
    return {
        "version": "0",
        "id": "12f1a3a9-6f5c-4b1c-9a8d-3d0f4d9f0b52",
        "detail-type": "Lambda Function Invocation Result - Success",
        "source": "lambda",
        "account": "111111111111",
        "time": "2026-09-14T15:23:02Z",
        "region": "eu-west-1",
        "resources": [BUS, arn],
        "detail": {"requestContext": {"functionArn": arn, "condition": "Success"}, "responsePayload": {"Order": 17}},
    }


def deployed(template, value):
    """Resolve an ARN in that template, as CloudFormation would."""
    if isinstance(value, str):
        return value
    ((intrinsic, argument),) = value.items()
    if intrinsic == "Fn::Join":
        separator, parts = argument
        return separator.join(deployed(template, part) for part in parts)
    logical_id = argument if intrinsic == "Ref" else argument[0]
    kind = template["Resources"][logical_id]["Type"]
    if kind == "AWS::Lambda::Function":
        return FUNCTION
    if kind == "AWS::Lambda::Alias":
        return f"{FUNCTION}:live"
    assert kind == "AWS::Lambda::Version"
    return f"{FUNCTION}:3" if intrinsic == "Ref" else "3"


def matches(build, d, qualifier, **options):
    """Tell whether the synthesized rule matches the event of that qualifier."""

    def app(root):
        stack = cdk.Stack(root, "Stack")
        build(stack, d.LambdaDestination(function(stack, "Target"), response_only=True))

    templates = synthesize(app, **options)
    (rule,) = resources(templates, "AWS::Events::Rule")
    pattern = dict(rule["EventPattern"])
    (template,) = templates.values()
    pattern["resources"] = [deployed(template, arn) for arn in pattern["resources"]]
    return EventPattern.load(json.dumps(pattern)).matches_event(event(qualifier))


@pytest.mark.parametrize(("build", "qualifier"), QUALIFIERS, ids=lambda value: getattr(value, "__name__", ""))
def test_the_rule_matches_the_events_of_its_qualifier_and_no_other(build, qualifier):
    assert matches(build, ours, qualifier)
    for other in {"$LATEST", "live", "3", "2"} - {qualifier}:
        assert not matches(build, ours, other)


@pytest.mark.parametrize(("build", "qualifier"), UPSTREAM_LOSES, ids=lambda value: getattr(value, "__name__", ""))
def test_upstreams_rule_does_not_match_them(build, qualifier):
    assert not matches(build, upstream, qualifier)


def test_upstreams_rule_of_an_alias_matches_latest_instead():
    assert matches(of_an_alias, upstream, "$LATEST")


@pytest.mark.parametrize(("build", "qualifier"), QUALIFIERS, ids=lambda value: getattr(value, "__name__", ""))
def test_with_the_parity_key_the_templates_are_the_same(build, qualifier):
    def app(d):
        def build_app(root):
            stack = cdk.Stack(root, "Stack")
            build(stack, d.LambdaDestination(function(stack, "Target"), response_only=True))

        return build_app

    assert synthesize(app(ours), context=PARITY) == synthesize(app(upstream))
