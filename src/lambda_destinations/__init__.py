"""What happens after an asynchronous AWS Lambda invocation: declare it, read it, prove it.

Every name below loads on first use, so that a function that only reads records never pays for the CDK.
"""

TYPE_CHECKING = False  # as `typing` has it, whose import would be an eighth of this package's
if TYPE_CHECKING:
    from ._arrivals import Arrival, iter_records, records_in
    from .errors import InvalidRecord, LambdaDestinationsError
    from .record import ABSENT, Condition, ErrorObject, InvocationRecord

__all__ = [
    "ABSENT",
    "Arrival",
    "Condition",
    "ErrorObject",
    "InvalidRecord",
    "InvocationRecord",
    "LambdaDestinationsError",
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
        "InvalidRecord": "errors",
        "InvocationRecord": "record",
        "LambdaDestinationsError": "errors",
        "iter_records": "_arrivals",
        "records_in": "_arrivals",
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
