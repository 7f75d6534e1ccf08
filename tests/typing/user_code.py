"""A user's module, checked by mypy strict and pyright strict on CDK v1 and v2: no cast, no ignore."""

import aws_cdk.aws_events as events
import aws_cdk.aws_lambda as lambda_
import aws_cdk.aws_sns as sns
import aws_cdk.aws_sqs as sqs
from constructs import Construct

import lambda_destinations as destinations


def declare(scope: Construct, fn: lambda_.Function, alias: lambda_.Alias, code: lambda_.Code) -> None:
    topic = sns.Topic(scope, "Topic")
    queue = sqs.Queue(scope, "Queue")
    bus = events.EventBus(scope, "Bus")
    imported = lambda_.Function.from_function_arn(scope, "Imported", "arn:aws:lambda:eu-west-1:111111111111:function:f")
    lambda_.Function(
        scope,
        "Fn",
        runtime=lambda_.Runtime.PYTHON_3_8,
        handler="index.handler",
        code=code,
        on_success=destinations.SnsDestination(topic),
        on_failure=destinations.SqsDestination(queue),
    )
    fn.configure_async_invoke(
        on_success=destinations.EventBridgeDestination(bus),
        on_failure=destinations.EventBridgeDestination(),
    )
    alias.configure_async_invoke(
        on_success=destinations.LambdaDestination(imported),
        on_failure=destinations.LambdaDestination(alias, response_only=True),
    )
    destinations.SnsDestination(sns.Topic.from_topic_arn(scope, "T", "arn:aws:sns:eu-west-1:111111111111:t"))
    destinations.SqsDestination(sqs.Queue.from_queue_arn(scope, "Q", "arn:aws:sqs:eu-west-1:111111111111:q"))
    config: lambda_.DestinationConfig = destinations.SnsDestination(topic).bind(
        scope, imported, type=lambda_.DestinationType.SUCCESS
    )
    print(config.destination)


class Audited(destinations.SqsDestination):
    """Users may subclass."""

    def bind(
        self, scope: Construct, fn: lambda_.IFunction, *, type: lambda_.DestinationType | None = None
    ) -> lambda_.DestinationConfig:
        return super().bind(scope, fn, type=type)
