"""SQS queue."""

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
from ._targets import queue_target

if TYPE_CHECKING:
    import aws_cdk.aws_sqs as sqs
    from constructs import Construct


@jsii.implements(lambda_.IDestination)
class SqsDestination(Value):
    """Send the invocation record to an SQS queue, as the message body.

    :param queue: owned or imported
    :param response_only: send only the `responsePayload`, through a rule on the default event bus
    :raises TypeError: if `queue` is not a queue, or `response_only` is not a bool
    :raises InvalidDestination: for a FIFO queue, which Lambda refuses, or an imported queue with another kind of ARN
    """

    def __init__(self, queue: sqs.IQueue | sqs.QueueBase, *, response_only: bool | None = None) -> None:
        self._queue = require(
            queue,
            "grant_send_messages",
            where="SqsDestination(queue)",
            wants="an aws_sqs.IQueue",
            how="import it with sqs.Queue.from_queue_arn(scope, id, queue_arn)",
        )
        require_arn(queue, _config(queue).destination, "sqs", "SqsDestination(queue)")
        refuse_fifo(queue, _config(queue).destination, "SqsDestination(queue)")
        self._response_only = require_flag(response_only, "SqsDestination(response_only)")
        super().__init__()

    def bind(
        self, scope: Construct, fn: lambda_.IFunction, *, type: lambda_.DestinationType | None = None
    ) -> lambda_.DestinationConfig:
        """Allow `fn` to send messages, and return the queue's ARN.

        With `response_only`, make a rule, allow `fn` to put events, and return the ARN of the default bus.

        :raises TypeError: without `type` if `response_only` is set
        """
        config = _config(self._queue)
        with Binding(self, scope, fn, self._queue, config.destination) as binding:
            if self._response_only:
                return bind_response_only(binding, type, queue_target(self._queue))
            self._queue.grant_send_messages(fn)
            grant_use(binding)
            binding.granted()
            binding.reached()
        return config


@once_for_each
def _config(queue: sqs.IQueue | sqs.QueueBase) -> lambda_.DestinationConfig:
    return lambda_.DestinationConfig(destination=queue.queue_arn)
