"""The construct tree below a configuration is the same as upstream's: users and aspects walk it."""

import aws_cdk.aws_events as events
import aws_cdk.aws_lambda as lambda_
import pytest

import lambda_destinations as destinations
from support.cdk import cdk, function, resources, synthesize


@pytest.fixture
def stack():
    return cdk.Stack(cdk.App(), "Stack")


def test_the_default_bus_is_imported_once_however_often_it_is_used(stack):
    both = destinations.EventBridgeDestination()
    fn = function(stack, "Fn", on_success=both, on_failure=destinations.EventBridgeDestination())
    config = fn.node.find_child("EventInvokeConfig")
    assert [child.node.id for child in config.node.children].count("DefaultEventBus") == 1


def test_the_default_bus_is_granted_once_however_often_it_is_used():
    def build(app):
        stack = cdk.Stack(app, "Stack")
        target = function(stack, "Target")
        function(
            stack,
            "Fn",
            on_success=destinations.LambdaDestination(target, response_only=True),
            on_failure=destinations.EventBridgeDestination(),
        )

    (policy,) = resources(synthesize(build), "AWS::IAM::Policy")
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == "events:PutEvents"


def test_a_response_only_rule_is_a_rule_that_users_can_find(stack):
    fn = function(stack, "Fn")
    target = destinations.LambdaDestination(function(stack, "Target"), response_only=True)
    config = lambda_.EventInvokeConfig(stack, "Config", function=fn, on_success=target)
    rule = config.node.find_child("Success")
    assert isinstance(rule, events.Rule)
    rule.add_event_pattern(account=["111111111111"])
