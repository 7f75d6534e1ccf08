"""The metric of lost records, and an alarm that users make with it."""

import aws_cdk.aws_cloudwatch as cloudwatch
import aws_cdk.aws_events as events
import aws_cdk.aws_lambda as lambda_
import pytest

import lambda_destinations as destinations
from support.cdk import cdk, function, resources, synthesize


def alarm(fn):
    def build(app):
        stack = cdk.Stack(app, "Stack")
        lost = destinations.delivery_failures(fn(stack), period=cdk.Duration.minutes(1))
        missing = cloudwatch.TreatMissingData.NOT_BREACHING
        cloudwatch.Alarm(stack, "Lost", metric=lost, threshold=1, evaluation_periods=1, treat_missing_data=missing)

    (found,) = resources(synthesize(build), "AWS::CloudWatch::Alarm")
    return found


def an_alias(stack):
    return lambda_.Alias(stack, "Alias", alias_name="live", version=function(stack, "Fn").current_version)


@pytest.mark.parametrize("fn", [lambda stack: function(stack, "Fn"), an_alias], ids=["function", "alias"])
def test_it_counts_per_function_also_for_an_alias(fn):
    found = alarm(fn)
    assert found["Namespace"] == "AWS/Lambda"
    assert found["MetricName"] == "DestinationDeliveryFailures"
    assert found["Statistic"] == "Sum"
    assert found["Period"] == 60
    ((name, function_name),) = [(d["Name"], d["Value"]) for d in found["Dimensions"]]
    assert name == "FunctionName"
    assert "Fn" in function_name["Ref"]


def test_the_metric_of_an_imported_function_uses_its_name():
    def imported(stack):
        return lambda_.Function.from_function_arn(stack, "Fn", "arn:aws:lambda:eu-west-1:111111111111:function:orders")

    assert alarm(imported)["Dimensions"] == [{"Name": "FunctionName", "Value": "orders"}]


def test_an_attribute_lambda_of_a_users_class_is_ignored():
    class Mine(lambda_.Function):
        lambda_ = "mine"

    def made(stack):
        code = lambda_.Code.from_inline("def handler(event, context): return event")
        return Mine(stack, "Fn", runtime=lambda_.Runtime.PYTHON_3_8, handler="index.handler", code=code)

    assert alarm(made)["MetricName"] == "DestinationDeliveryFailures"


def test_a_value_that_is_not_a_function_is_refused():
    with pytest.raises(TypeError, match=r"^delivery_failures\(fn\) wants an aws_lambda\.IFunction, got the string"):
        destinations.delivery_failures("orders")


@pytest.mark.parametrize(
    "metric", [destinations.delivery_failures, destinations.async_event_age, destinations.failed_invocations]
)
def test_every_metric_option_of_the_cdk_can_be_given(metric):
    stack = cdk.Stack(cdk.App(), "Stack")
    watched = events.Rule(stack, "Rule", schedule=events.Schedule.rate(cdk.Duration.hours(1)))
    found = metric(
        watched if metric is destinations.failed_invocations else function(stack, "Fn"),
        account="111111111111",
        color="#ff0000",
        dimensions_map={"Of": "mine"},
        label="label",
        period=cdk.Duration.minutes(1),
        region="eu-west-1",
        statistic="Average",
        unit=cloudwatch.Unit.COUNT,
    )
    assert (found.account, found.color, found.label, found.region) == (
        "111111111111", "#ff0000", "label", "eu-west-1",
    )  # fmt: skip
    assert (found.period.to_seconds(), found.statistic, found.unit) == (60, "Average", cloudwatch.Unit.COUNT)
    assert found.dimensions == {"Of": "mine"}


def test_an_option_that_the_cdk_does_not_have_is_refused():
    with pytest.raises(TypeError, match="colour"):
        destinations.delivery_failures(function(cdk.Stack(cdk.App(), "Stack"), "Fn"), colour="#ff0000")
