"""What happens after an asynchronous AWS Lambda invocation: declare it, read it, prove it.

Every name below loads on first use, so that a function that only reads records never pays for the CDK.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .errors import InvalidRecord, LambdaDestinationsError
    from .record import ABSENT, Condition, ErrorObject, InvocationRecord

__all__ = [
    "ABSENT",
    "Condition",
    "ErrorObject",
    "InvalidRecord",
    "InvocationRecord",
    "LambdaDestinationsError",
]

if not TYPE_CHECKING:
    # Under the guard a type checker still refuses a name that does not exist.
    _HOME = {
        "ABSENT": "record",
        "Condition": "record",
        "ErrorObject": "record",
        "InvalidRecord": "errors",
        "InvocationRecord": "record",
        "LambdaDestinationsError": "errors",
    }

    def __getattr__(name):  # noqa: ANN001, ANN202 - no type checker reads this
        from importlib import import_module  # noqa: PLC0415 - whoever imports one name by its module needs none of this

        home = _HOME.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{home}"), name)
        globals()[name] = value
        return value

    def __dir__():  # noqa: ANN202 - as above
        return sorted(__all__)
