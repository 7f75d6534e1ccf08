"""The exceptions, by what a caller can do about them.

LambdaDestinationsError
├── InvalidDestination   also ValueError    change the destination: Lambda would refuse it or lose its records
├── InvalidRecord        also ValueError    set the document aside: it is no invocation record
└── MissingDependency    also ImportError   install what the message names
"""

__all__ = ["InvalidDestination", "InvalidRecord", "LambdaDestinationsError", "MissingDependency"]


class LambdaDestinationsError(Exception):
    """Any error that this library raises on purpose, other than a wrong argument (TypeError)."""


class InvalidDestination(LambdaDestinationsError, ValueError):
    """A destination that Lambda refuses when the configuration is put."""


class InvalidRecord(LambdaDestinationsError, ValueError):
    """A document that is no record of an asynchronous invocation."""


class MissingDependency(LambdaDestinationsError, ImportError):
    """A package or program that a feature needs is not installed."""
