"""The destinations as CDK constructs, on CDK v1 and v2 alike: extras `[cdk-v1]` and `[cdk-v2]`."""

from . import _cdk  # first: it says which package is missing where an import below would not
from ._delivery_failures import delivery_failures
from ._event_bridge import EventBridgeDestination
from ._lambda import LambdaDestination, LambdaDestinationOptions
from ._redrive import Redrive
from ._s3 import S3Destination
from ._sns import SnsDestination
from ._sqs import SqsDestination

__all__ = [
    "EventBridgeDestination",
    "LambdaDestination",
    "LambdaDestinationOptions",
    "Redrive",
    "S3Destination",
    "SnsDestination",
    "SqsDestination",
    "delivery_failures",
]

del _cdk
