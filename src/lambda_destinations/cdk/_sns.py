"""SNS topic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk.aws_lambda as lambda_
import jsii

from ._arguments import require
from ._binding import binding
from ._by_reference import ByReference
from ._once import once_for_each

if TYPE_CHECKING:
    import aws_cdk.aws_sns as sns
    from constructs import Construct


@jsii.implements(lambda_.IDestination)
class SnsDestination(ByReference):
    """Publish the invocation record to an SNS topic, as its `Message`.

    :param topic: owned or imported
    :raises TypeError: for anything but a topic
    """

    def __init__(self, topic: sns.ITopic | sns.TopicBase) -> None:
        super().__init__()
        self._topic = require(
            topic,
            "grant_publish",
            "add_subscription",
            where="SnsDestination(topic)",
            wants="an aws_sns.ITopic",
            how="import it with sns.Topic.from_topic_arn(scope, id, topic_arn)",
        )

    def bind(
        self, scope: Construct, fn: lambda_.IFunction, *, type: lambda_.DestinationType | None = None
    ) -> lambda_.DestinationConfig:
        """Allow `fn` to publish, and return the topic's ARN."""
        with binding(self, fn):
            self._topic.grant_publish(fn)
        return _config(self._topic)


@once_for_each
def _config(topic: sns.ITopic | sns.TopicBase) -> lambda_.DestinationConfig:
    return lambda_.DestinationConfig(destination=topic.topic_arn)
