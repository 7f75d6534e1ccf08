"""The alarms on silent failures, for everything that the app has when it is synthesized."""

import json

import aws_cdk.aws_cloudwatch as cloudwatch
import aws_cdk.aws_events as events
import aws_cdk.aws_lambda as lambda_
import aws_cdk.aws_sqs as sqs
import jsii
import pytest

import lambda_destinations as destinations
from support.cdk import cdk, function, resources, synthesize, watch_an_age_in_a_token

COUNTS = {"DestinationDeliveryFailures", "DeadLetterErrors", "AsyncEventsDropped"}


def alarms_of(build):
    def app(app):
        build(cdk.Stack(app, "Stack"))

    return resources(synthesize(app), "AWS::CloudWatch::Alarm")


def by_metric(build):
    found = alarms_of(build)
    names = [each["MetricName"] for each in found]
    assert len(set(names)) == len(names)
    return dict(zip(names, found, strict=True))


def watched(**props):
    return lambda stack: destinations.AsyncInvocationAlarms(stack, "Alarms", function=function(stack, "Fn"), **props)


def an_alias(stack, **props):
    version = lambda_.Version(stack, "Version", lambda_=function(stack, "Fn"))
    return lambda_.Alias(stack, "Alias", alias_name="live", version=version, **props)


def test_each_silent_failure_has_an_alarm():
    found = by_metric(watched())
    assert found.keys() == COUNTS | {"AsyncEventAge"}
    for name, alarm in found.items():
        assert alarm["Namespace"] == "AWS/Lambda"
        assert alarm["Statistic"] == ("Maximum" if name == "AsyncEventAge" else "Sum")
        assert [each["Name"] for each in alarm["Dimensions"]] == ["FunctionName"]
        assert alarm["TreatMissingData"] == "notBreaching"
        assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
        assert alarm["Period"] == 300
        assert len(alarm["AlarmDescription"].split(". ")) > 1  # it says what it means, and what to do
    assert {found[name]["Threshold"] for name in COUNTS} == {1}


def test_without_a_configuration_the_age_threshold_is_half_of_six_hours():
    assert by_metric(watched())["AsyncEventAge"]["Threshold"] == 21600 * 1000 / 2


@pytest.mark.parametrize("before", [True, False], ids=["alarms_first", "alarms_last"])
def test_the_age_that_is_configured_counts_before_and_after_the_alarms(before):
    def build(stack):
        fn = function(stack, "Fn")
        if before:
            destinations.AsyncInvocationAlarms(stack, "Alarms", function=fn, event_age=0.25)
        fn.configure_async_invoke(max_event_age=cdk.Duration.minutes(20))
        if not before:
            destinations.AsyncInvocationAlarms(stack, "Alarms", function=fn, event_age=0.25)

    assert by_metric(build)["AsyncEventAge"]["Threshold"] == 20 * 60 * 1000 / 4


def test_an_alias_has_its_own_age_and_the_metrics_of_its_function():
    def build(stack):
        alias = an_alias(stack, max_event_age=cdk.Duration.minutes(10))
        destinations.AsyncInvocationAlarms(stack, "Alarms", function=alias)

    found = by_metric(build)
    assert found["AsyncEventAge"]["Threshold"] == 10 * 60 * 1000 / 2
    assert all("Fn" in each["Dimensions"][0]["Value"]["Ref"] for each in found.values())


def test_the_age_of_an_alias_is_not_that_of_its_function():
    def build(stack):
        alias = an_alias(stack)
        alias.lambda_.configure_async_invoke(max_event_age=cdk.Duration.minutes(10))
        destinations.AsyncInvocationAlarms(stack, "Alarms", function=alias)

    assert by_metric(build)["AsyncEventAge"]["Threshold"] == 21600 * 1000 / 2


def test_the_alarms_of_an_imported_function_use_its_name():
    def build(stack):
        arn = "arn:aws:lambda:eu-west-1:111111111111:function:orders"
        fn = lambda_.Function.from_function_arn(stack, "Fn", arn)
        destinations.AsyncInvocationAlarms(stack, "Alarms", function=fn)

    for alarm in by_metric(build).values():
        assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": "orders"}]


def test_thresholds_are_the_users_own_and_none_leaves_an_alarm_out():
    found = by_metric(
        watched(lost_records=None, dead_letter_errors=2, dropped_events=10, event_age=cdk.Duration.minutes(1))
    )
    assert {name: alarm["Threshold"] for name, alarm in found.items()} == {
        "DeadLetterErrors": 2,
        "AsyncEventsDropped": 10,
        "AsyncEventAge": 60_000,
    }


@pytest.mark.parametrize("before", [True, False], ids=["alarms_first", "alarms_last"])
def test_the_rules_of_response_only_have_alarms(before):
    def build(stack):
        fn = function(stack, "Fn")
        if before:
            destinations.AsyncInvocationAlarms(stack, "Alarms", function=fn)
        target = destinations.LambdaDestination(function(stack, "Target"), response_only=True)
        fn.configure_async_invoke(on_success=target, on_failure=target)
        if not before:
            destinations.AsyncInvocationAlarms(stack, "Alarms", function=fn)

    found = [each for each in alarms_of(build) if each["MetricName"] == "FailedInvocations"]
    assert len(found) == 2
    assert {each["Namespace"] for each in found} == {"AWS/Events"}
    names = {(each["Dimensions"][0]["Name"], each["Dimensions"][0]["Value"]["Ref"][:2]) for each in found}
    assert names == {("RuleName", "Fn")}


def test_the_rules_of_another_function_have_no_alarms():
    def build(stack):
        target = destinations.LambdaDestination(function(stack, "Target"), response_only=True)
        function(stack, "Other", on_success=target)
        destinations.AsyncInvocationAlarms(stack, "Alarms", function=function(stack, "Fn"))

    assert by_metric(build).keys() == COUNTS | {"AsyncEventAge"}


def test_an_on_failure_queue_of_the_app_has_an_alarm_if_oldest_failure_is_given():
    def build(stack):
        failures = destinations.SqsDestination(sqs.Queue(stack, "Failures"))
        fn = function(stack, "Fn", on_failure=failures, on_success=destinations.SqsDestination(sqs.Queue(stack, "Ok")))
        waits = cdk.Duration.hours(1)
        destinations.AsyncInvocationAlarms(stack, "Alarms", function=fn, oldest_failure=waits)

    alarm = by_metric(build)["ApproximateAgeOfOldestMessage"]
    assert (alarm["Namespace"], alarm["Threshold"], alarm["Statistic"]) == ("AWS/SQS", 3600, "Maximum")
    ((name, value),) = [(each["Name"], each["Value"]) for each in alarm["Dimensions"]]
    assert name == "QueueName"
    assert value["Fn::GetAtt"][0].startswith("Failures")


@jsii.implements(cloudwatch.IAlarmAction)
class Pager:
    """An action without `aws_cloudwatch_actions`, which is another package on CDK v1."""

    def bind(self, _scope, _alarm):
        return cloudwatch.AlarmActionConfig(alarm_action_arn="arn:aws:sns:eu-west-1:111111111111:pager")


def test_an_action_is_added_to_every_alarm_also_to_later_ones():
    def build(stack):
        fn = function(stack, "Fn")
        alarms = destinations.AsyncInvocationAlarms(stack, "Alarms", function=fn)
        alarms.add_alarm_action(Pager())
        target = destinations.LambdaDestination(function(stack, "Target"), response_only=True)
        fn.configure_async_invoke(on_success=target)

    found = alarms_of(build)
    assert len(found) == 5
    assert all(each["AlarmActions"] == ["arn:aws:sns:eu-west-1:111111111111:pager"] for each in found)


def test_a_dashboard_shows_the_metrics():
    def build(app):
        stack = cdk.Stack(app, "Stack")
        alarms = destinations.AsyncInvocationAlarms(stack, "Alarms", function=function(stack, "Fn"))
        cloudwatch.Dashboard(stack, "Board").add_widgets(alarms.widget())

    (board,) = resources(synthesize(build), "AWS::CloudWatch::Dashboard")
    text = json.dumps(board)
    assert all(name in text for name in (*COUNTS, "AsyncEventAge"))


@pytest.mark.parametrize(
    ("props", "error", "says"),
    [
        ({"lost_records": -1}, ValueError, r"\(lost_records\) wants a threshold of zero or more, got -1"),
        ({"dropped_events": "1"}, TypeError, r"\(dropped_events\) wants a number or None, got a str"),
        ({"dead_letter_errors": True}, TypeError, r"\(dead_letter_errors\) wants a number or None, got a bool"),
        ({"event_age": 0}, ValueError, r"\(event_age\) wants a share over 0 and up to 1"),
        ({"event_age": 1.5}, ValueError, r"\(event_age\) wants a share over 0 and up to 1"),
        ({"event_age": cdk.Duration.hours(7)}, ValueError, r"\(event_age\) is 25200 s, and no event gets older"),
        ({"event_age": "1 hour"}, TypeError, r"\(event_age\) wants a Duration or None, got a str"),
        ({"lost_records": float("nan")}, ValueError, r"\(lost_records\) wants a threshold of zero or more, got nan"),
        ({"lost_records": float("inf")}, ValueError, r"\(lost_records\) wants a threshold of zero or more, got inf"),
        ({"event_age": float("nan")}, ValueError, r"\(event_age\) wants a share over 0 and up to 1"),
        ({"event_age": cdk.Duration.seconds(0)}, ValueError, r"\(event_age\) wants more than zero, got 0 s"),
        ({"period": 60}, TypeError, r"\(period\) wants a Duration or None, got a int"),
        ({"oldest_failure": 60}, TypeError, r"\(oldest_failure\) wants a Duration or None, got a int"),
    ],
)
def test_a_wrong_threshold_is_refused(props, error, says):
    with pytest.raises(error, match=says):
        alarms_of(watched(**props))


def test_a_value_that_is_not_a_function_is_refused():
    with pytest.raises(TypeError, match=r"^AsyncInvocationAlarms\(function\) wants an aws_lambda\.IFunction"):
        destinations.AsyncInvocationAlarms(cdk.Stack(cdk.App(), "Stack"), "Alarms", function="orders")


@pytest.mark.parametrize(
    ("metric", "name"),
    [
        (destinations.async_events_received, "AsyncEventsReceived"),
        (destinations.async_event_age, "AsyncEventAge"),
        (destinations.async_events_dropped, "AsyncEventsDropped"),
        (destinations.dead_letter_errors, "DeadLetterErrors"),
        (destinations.delivery_failures, "DestinationDeliveryFailures"),
        (destinations.recursive_invocations_dropped, "RecursiveInvocationsDropped"),
    ],
)
def test_each_metric_has_the_name_that_lambda_gives_it(metric, name):
    found = metric(function(cdk.Stack(cdk.App(), "Stack"), "Fn"), period=cdk.Duration.minutes(1), label="mine")
    assert (found.namespace, found.metric_name) == ("AWS/Lambda", name)
    assert found.statistic == ("Maximum" if name == "AsyncEventAge" else "Sum")
    assert found.label == "mine"


def test_the_failed_invocations_of_a_rule_are_counted_by_its_name():
    stack = cdk.Stack(cdk.App(), "Stack")
    rule = events.Rule(stack, "Rule", schedule=events.Schedule.rate(cdk.Duration.hours(1)))
    found = destinations.failed_invocations(rule)
    assert (found.namespace, found.metric_name, found.statistic) == ("AWS/Events", "FailedInvocations", "Sum")
    with pytest.raises(TypeError, match=r"wants an aws_events\.IRule, got a str"):
        destinations.failed_invocations("rule")


def test_a_threshold_that_only_the_deployment_knows_is_not_checked():
    def build(app):
        stack = cdk.Stack(app, "Stack")
        threshold = cdk.CfnParameter(stack, "Threshold", type="Number").value_as_number
        queue = sqs.Queue(stack, "Queue")
        fn = function(stack, "Fn", on_failure=destinations.SqsDestination(queue))
        waits = cdk.Duration.seconds(threshold)
        destinations.AsyncInvocationAlarms(stack, "Alarms", function=fn, lost_records=threshold, oldest_failure=waits)

    found = {each["MetricName"]: each["Threshold"] for each in resources(synthesize(build), "AWS::CloudWatch::Alarm")}
    assert found["DestinationDeliveryFailures"] == {"Ref": "Threshold"}
    assert found["ApproximateAgeOfOldestMessage"] == {"Ref": "Threshold"}


def test_an_event_age_that_only_the_deployment_knows_counts_as_six_hours():
    alarms = resources(synthesize(watch_an_age_in_a_token), "AWS::CloudWatch::Alarm")
    found = {each["MetricName"]: each["Threshold"] for each in alarms}
    assert found["AsyncEventAge"] == 10_800_000


def test_an_event_age_in_a_token_cannot_be_a_threshold():
    def build(app):
        stack = cdk.Stack(app, "Stack")
        waits = cdk.Duration.seconds(cdk.CfnParameter(stack, "Age", type="Number").value_as_number)
        destinations.AsyncInvocationAlarms(stack, "Alarms", function=function(stack, "Fn"), event_age=waits)

    with pytest.raises(ValueError, match=r"\(event_age\) is a token"):
        synthesize(build)
