"""What happens after an asynchronous AWS Lambda invocation: declare it, read it, prove it.

Every name below loads on first use, so that a function that only reads records never pays for the CDK.
"""

TYPE_CHECKING = False  # as `typing` has it, whose import would be an eighth of this package's
if TYPE_CHECKING:
    from ._arrivals import Arrival, iter_records, records_in
    from .cdk import (
        EventBridgeDestination,
        LambdaDestination,
        LambdaDestinationOptions,
        Redrive,
        S3Destination,
        SnsDestination,
        SqsDestination,
        delivery_failures,
    )
    from .errors import InvalidDestination, InvalidRecord, LambdaDestinationsError, MissingDependency
    from .record import ABSENT, Condition, ErrorObject, InvocationRecord

__all__ = [
    "ABSENT",
    "Arrival",
    "Condition",
    "ErrorObject",
    "EventBridgeDestination",
    "InvalidDestination",
    "InvalidRecord",
    "InvocationRecord",
    "LambdaDestination",
    "LambdaDestinationOptions",
    "LambdaDestinationsError",
    "MissingDependency",
    "Redrive",
    "S3Destination",
    "SnsDestination",
    "SqsDestination",
    "delivery_failures",
    "iter_records",
    "records_in",
]

if not TYPE_CHECKING:
    # Under the guard a type checker still refuses a name that does not exist.
    _HOME = {
        "ABSENT": "record",
        "Arrival": "_arrivals",
        "Condition": "record",
        "ErrorObject": "record",
        "EventBridgeDestination": "cdk",
        "InvalidDestination": "errors",
        "InvalidRecord": "errors",
        "InvocationRecord": "record",
        "LambdaDestination": "cdk",
        "LambdaDestinationOptions": "cdk",
        "LambdaDestinationsError": "errors",
        "MissingDependency": "errors",
        "Redrive": "cdk",
        "S3Destination": "cdk",
        "SnsDestination": "cdk",
        "SqsDestination": "cdk",
        "delivery_failures": "cdk",
        "iter_records": "_arrivals",
        "records_in": "_arrivals",
    }

    def __getattr__(name: str) -> object:
        from importlib import import_module

        home = _HOME.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{home}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted(__all__)
