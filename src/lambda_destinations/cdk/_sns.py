"""SNS topic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk.aws_lambda as lambda_
import jsii

from ._arguments import require, require_flag
from ._binding import Binding
from ._by_reference import Value
from ._checks import refuse_fifo, require_arn
from ._keys import grant_use
from ._once import once_for_each
from ._response_only import bind_response_only
from ._targets import topic_target

if TYPE_CHECKING:
    import aws_cdk.aws_sns as sns
    from constructs import Construct


@jsii.implements(lambda_.IDestination)
class SnsDestination(Value):
    """Publish the invocation record to an SNS topic, as its `Message`.

    :param topic: owned or imported
    :param response_only: publish only the `responsePayload`, through a rule on the default event bus
    :raises TypeError: if `topic` is not a topic, or `response_only` is not a bool
    :raises InvalidDestination: for a FIFO topic, which Lambda refuses, or an imported topic with another kind of ARN
    """

    def __init__(self, topic: sns.ITopic | sns.TopicBase, *, response_only: bool | None = None) -> None:
        self._topic = require(
            topic,
            "grant_publish",
            "add_subscription",
            where="SnsDestination(topic)",
            wants="an aws_sns.ITopic",
            how="import it with sns.Topic.from_topic_arn(scope, id, topic_arn)",
        )
        require_arn(topic, _config(topic).destination, "sns", "SnsDestination(topic)")
        refuse_fifo(topic, _config(topic).destination, "SnsDestination(topic)")
        self._response_only = require_flag(response_only, "SnsDestination(response_only)")
        super().__init__()

    def bind(
        self, scope: Construct, fn: lambda_.IFunction, *, type: lambda_.DestinationType | None = None
    ) -> lambda_.DestinationConfig:
        """Allow `fn` to publish, and return the topic's ARN.

        With `response_only`, make a rule, allow `fn` to put events, and return the ARN of the default bus.

        :raises TypeError: without `type` if `response_only` is set
        """
        config = _config(self._topic)
        with Binding(self, scope, fn, self._topic, config.destination) as binding:
            if self._response_only:
                return bind_response_only(binding, type, topic_target(self._topic))
            self._topic.grant_publish(fn)
            grant_use(binding)
            binding.granted()
            binding.reached()
        return config


@once_for_each
def _config(topic: sns.ITopic | sns.TopicBase) -> lambda_.DestinationConfig:
    return lambda_.DestinationConfig(destination=topic.topic_arn)
