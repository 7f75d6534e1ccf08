"""What happens after an asynchronous AWS Lambda invocation: declare it, read it, prove it.

Every name below loads on first use, so that a function that only reads records never pays for the CDK.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .errors import InvalidRecord, LambdaDestinationsError

__all__ = [
    "InvalidRecord",
    "LambdaDestinationsError",
]

if not TYPE_CHECKING:
    # Under the guard a type checker still refuses a name that does not exist.
    _HOME = {
        "InvalidRecord": "errors",
        "LambdaDestinationsError": "errors",
    }

    def __getattr__(name):
        from importlib import import_module

        home = _HOME.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{home}"), name)
        globals()[name] = value
        return value

    def __dir__():
        return sorted(__all__)
