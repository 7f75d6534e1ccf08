"""What happens after an asynchronous AWS Lambda invocation: declare it, read it, prove it.

Every name below loads on first use, so that a function that only reads records never pays for the CDK.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .cdk import (
        EventBridgeDestination,
        LambdaDestination,
        LambdaDestinationOptions,
        SnsDestination,
        SqsDestination,
    )
    from .errors import InvalidDestination, InvalidRecord, LambdaDestinationsError, MissingDependency

__all__ = [
    "EventBridgeDestination",
    "InvalidDestination",
    "InvalidRecord",
    "LambdaDestination",
    "LambdaDestinationOptions",
    "LambdaDestinationsError",
    "MissingDependency",
    "SnsDestination",
    "SqsDestination",
]

if not TYPE_CHECKING:
    # Under the guard a type checker still refuses a name that does not exist.
    _HOME = {
        "EventBridgeDestination": "cdk",
        "InvalidDestination": "errors",
        "InvalidRecord": "errors",
        "LambdaDestination": "cdk",
        "LambdaDestinationOptions": "cdk",
        "LambdaDestinationsError": "errors",
        "MissingDependency": "errors",
        "SnsDestination": "cdk",
        "SqsDestination": "cdk",
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
