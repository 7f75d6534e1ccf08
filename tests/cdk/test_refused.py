"""What Lambda would refuse at the deployment is refused where it is written, with the path of the construct."""

import aws_cdk.aws_events as events
import aws_cdk.aws_lambda as lambda_
import aws_cdk.aws_lambda_destinations as upstream
import aws_cdk.aws_s3 as s3
import aws_cdk.aws_sns as sns
import aws_cdk.aws_sqs as sqs
import pytest

import lambda_destinations as ours
from support.cdk import PARITY, cdk, function, synthesize

ARN = "arn:aws:{}:eu-west-1:111111111111:{}".format


def fifo_queue(stack, d):
    return d.SqsDestination(sqs.Queue(stack, "Bad", fifo=True))


def imported_fifo_queue(stack, d):
    return d.SqsDestination(sqs.Queue.from_queue_arn(stack, "Bad", ARN("sqs", "orders.fifo")))


def fifo_topic(stack, d):
    return d.SnsDestination(sns.Topic(stack, "Bad", fifo=True, topic_name="orders"))


def imported_fifo_topic(stack, d):
    return d.SnsDestination(sns.Topic.from_topic_arn(stack, "Bad", ARN("sns", "orders.fifo")))


def no_event_bus(stack, d):
    return d.EventBridgeDestination(events.EventBus.from_event_bus_arn(stack, "Bad", ARN("events", "rule/orders")))


def a_queue_for_a_topic(stack, d):
    return d.SnsDestination(sns.Topic.from_topic_arn(stack, "Bad", ARN("sqs", "orders")))


AT_THE_CONSTRUCTOR = [
    (fifo_queue, "Stack/Bad is FIFO, which Lambda refuses"),
    (imported_fifo_queue, "Stack/Bad is FIFO, which Lambda refuses"),
    (fifo_topic, "Stack/Bad is FIFO, which Lambda refuses"),
    (imported_fifo_topic, "Stack/Bad is FIFO, which Lambda refuses"),
    (
        no_event_bus,
        "Stack/Bad has the ARN 'arn:aws:events:eu-west-1:111111111111:rule/orders', which is not that of an ",
    ),
    (
        a_queue_for_a_topic,
        "Stack/Bad has the ARN 'arn:aws:sqs:eu-west-1:111111111111:orders', which is not that of a t",
    ),
]
cases = pytest.mark.parametrize(("make", "words"), AT_THE_CONSTRUCTOR, ids=lambda value: getattr(value, "__name__", ""))


@cases
def test_it_is_refused_at_the_constructor(make, words):
    stack = cdk.Stack(cdk.App(), "Stack")
    with pytest.raises(ours.InvalidDestination) as refused:
        make(stack, ours)
    assert words in str(refused.value)


@cases
def test_upstream_accepts_it_and_so_do_we_with_the_parity_key(make, words):
    def build(d):
        def app(root):
            stack = cdk.Stack(root, "Stack")
            function(stack, "Fn", on_failure=make(stack, d))

        return app

    assert synthesize(build(ours), context=PARITY) == synthesize(build(upstream))


def itself(stack, d):
    fn = function(stack, "Fn")
    fn.configure_async_invoke(on_failure=d.LambdaDestination(fn))


def its_own_alias(stack, d):
    fn = function(stack, "Fn")
    alias = lambda_.Alias(stack, "Alias", alias_name="live", version=fn.current_version)
    fn.configure_async_invoke(on_failure=d.LambdaDestination(alias))


def an_alias_to_its_function(stack, d):
    fn = function(stack, "Fn")
    alias = lambda_.Alias(stack, "Alias", alias_name="live", version=fn.current_version)
    alias.configure_async_invoke(on_failure=d.LambdaDestination(fn))


def itself_imported(stack, d):
    def imported(id, qualifier):
        arn = ARN("lambda", "function:orders") + qualifier
        return lambda_.Function.from_function_attributes(stack, id, function_arn=arn, same_environment=True)

    target = d.LambdaDestination(imported("Live", ":live"))
    lambda_.EventInvokeConfig(stack, "Config", function=imported("Whole", ""), on_failure=target)


def its_own_alias_imported(stack, d):
    fn = function(stack, "Fn")
    alias = lambda_.Alias.from_alias_attributes(stack, "Alias", alias_name="live", alias_version=fn.current_version)
    fn.configure_async_invoke(on_failure=d.LambdaDestination(alias))


def itself_through_an_alias_given_to_a_configuration(stack, d):
    fn = function(stack, "Fn")
    alias = lambda_.Alias(stack, "Alias", alias_name="live", version=fn.current_version)
    target = d.LambdaDestination(fn)
    lambda_.EventInvokeConfig(stack, "Config", function=alias, qualifier="live", on_failure=target)


IN_BIND = [
    itself,
    its_own_alias,
    an_alias_to_its_function,
    itself_imported,
    its_own_alias_imported,
    itself_through_an_alias_given_to_a_configuration,
]


@pytest.mark.parametrize("build", IN_BIND)
def test_a_function_as_its_own_destination_is_refused(build):
    with pytest.raises(RuntimeError, match=r"Stack/.*: Stack/\w+ would be its own destination, which Lambda refuses"):
        build(cdk.Stack(cdk.App(), "Stack"), ours)


@pytest.mark.parametrize("build", [itself, its_own_alias, an_alias_to_its_function])
def test_upstream_accepts_a_function_as_its_own_destination_and_so_do_we_with_the_parity_key(build):
    def app(d):
        return lambda root: build(cdk.Stack(root, "Stack"), d)

    assert synthesize(app(ours), context=PARITY) == synthesize(app(upstream))


def test_a_bucket_on_success_is_refused():
    stack = cdk.Stack(cdk.App(), "Stack")
    with pytest.raises(RuntimeError, match="Stack/Fn/EventInvokeConfig: S3Destination is for on_failure"):
        function(stack, "Fn", on_success=ours.S3Destination(s3.Bucket(stack, "Bucket")))


def test_a_token_is_never_checked():
    def build(app):
        stack = cdk.Stack(app, "Stack")
        arn = cdk.CfnParameter(stack, "Arn").value_as_string
        function(stack, "A", on_success=ours.SqsDestination(sqs.Queue.from_queue_arn(stack, "Q", arn)))
        function(stack, "B", on_success=ours.SnsDestination(sns.Topic.from_topic_arn(stack, "T", arn)))
        bus = events.EventBus.from_event_bus_attributes(
            stack, "E", event_bus_arn=arn, event_bus_name="bus", event_bus_policy=""
        )
        function(stack, "C", on_success=ours.EventBridgeDestination(bus))

    synthesize(build)
