"""The destinations as CDK constructs, on CDK v1 and v2 alike: extras `[v1]` and `[v2]`."""

from . import _cdk  # first: it says which package is missing where an import below would not
from ._event_bridge import EventBridgeDestination
from ._lambda import LambdaDestination, LambdaDestinationOptions
from ._sns import SnsDestination
from ._sqs import SqsDestination

__all__ = [
    "EventBridgeDestination",
    "LambdaDestination",
    "LambdaDestinationOptions",
    "SnsDestination",
    "SqsDestination",
]

del _cdk
