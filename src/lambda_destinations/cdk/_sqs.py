"""SQS queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk.aws_lambda as lambda_
import jsii

from ._arguments import require
from ._binding import binding
from ._by_reference import ByReference
from ._once import once_for_each

if TYPE_CHECKING:
    import aws_cdk.aws_sqs as sqs
    from constructs import Construct


@jsii.implements(lambda_.IDestination)
class SqsDestination(ByReference):
    """Send the invocation record to an SQS queue, as the message body.

    :param queue: owned or imported
    :raises TypeError: for anything but a queue
    """

    def __init__(self, queue: sqs.IQueue | sqs.QueueBase) -> None:
        super().__init__()
        self._queue = require(
            queue,
            "grant_send_messages",
            where="SqsDestination(queue)",
            wants="an aws_sqs.IQueue",
            how="import it with sqs.Queue.from_queue_arn(scope, id, queue_arn)",
        )

    def bind(
        self, scope: Construct, fn: lambda_.IFunction, *, type: lambda_.DestinationType | None = None
    ) -> lambda_.DestinationConfig:
        """Allow `fn` to send messages, and return the queue's ARN."""
        with binding(self, fn):
            self._queue.grant_send_messages(fn)
        return _config(self._queue)


@once_for_each
def _config(queue: sqs.IQueue | sqs.QueueBase) -> lambda_.DestinationConfig:
    return lambda_.DestinationConfig(destination=queue.queue_arn)
