"""The destinations as CDK constructs, on CDK v1 and v2 alike: extras `[cdk-v1]` and `[cdk-v2]`."""

from . import _cdk  # first: it says which package is missing; the imports below would not
from ._alarms import AsyncInvocationAlarms
from ._event_bridge import EventBridgeDestination
from ._lambda import LambdaDestination, LambdaDestinationOptions
from ._metrics import (
    async_event_age,
    async_events_dropped,
    async_events_received,
    dead_letter_errors,
    delivery_failures,
    failed_invocations,
    recursive_invocations_dropped,
)
from ._redrive import Redrive
from ._s3 import S3Destination
from ._sns import SnsDestination
from ._sqs import SqsDestination

__all__ = [
    "AsyncInvocationAlarms",
    "EventBridgeDestination",
    "LambdaDestination",
    "LambdaDestinationOptions",
    "Redrive",
    "S3Destination",
    "SnsDestination",
    "SqsDestination",
    "async_event_age",
    "async_events_dropped",
    "async_events_received",
    "dead_letter_errors",
    "delivery_failures",
    "failed_invocations",
    "recursive_invocations_dropped",
]

del _cdk
