"""What happens after an asynchronous AWS Lambda invocation: declare it, read it, prove it.

Every name below loads on first use, so that a function that only reads records never pays for the CDK.
"""

TYPE_CHECKING = False  # as `typing` has it, whose import would be an eighth of this package's
if TYPE_CHECKING:
    from .cdk import (
        AsyncInvocationAlarms,
        EventBridgeDestination,
        LambdaDestination,
        LambdaDestinationOptions,
        Redrive,
        S3Destination,
        SnsDestination,
        SqsDestination,
        async_event_age,
        async_events_dropped,
        async_events_received,
        dead_letter_errors,
        delivery_failures,
        failed_invocations,
        recursive_invocations_dropped,
    )
    from .cdk._validation import DestinationValidation
    from .errors import InvalidDestination, InvalidRecord, LambdaDestinationsError, MissingDependency
    from .record import ABSENT, Condition, ErrorObject, InvocationRecord
    from .record._arrivals import Arrival, iter_records, records_in

__all__ = [
    "ABSENT",
    "Arrival",
    "AsyncInvocationAlarms",
    "Condition",
    "DestinationValidation",
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
    "async_event_age",
    "async_events_dropped",
    "async_events_received",
    "dead_letter_errors",
    "delivery_failures",
    "failed_invocations",
    "iter_records",
    "records_in",
    "recursive_invocations_dropped",
]

if not TYPE_CHECKING:
    # Under the guard a type checker still refuses a name that does not exist.
    _HOME = {
        "ABSENT": "record",
        "Arrival": "record._arrivals",
        "AsyncInvocationAlarms": "cdk",
        "Condition": "record",
        "DestinationValidation": "cdk._validation",
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
        "async_event_age": "cdk",
        "async_events_dropped": "cdk",
        "async_events_received": "cdk",
        "dead_letter_errors": "cdk",
        "delivery_failures": "cdk",
        "failed_invocations": "cdk",
        "iter_records": "record._arrivals",
        "records_in": "record._arrivals",
        "recursive_invocations_dropped": "cdk",
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
