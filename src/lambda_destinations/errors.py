"""The exceptions, by what a caller can do about them.

LambdaDestinationsError
├── DeployError          also ValueError    mend what is deployed: the assembly, the template, a handler or a parameter
├── EngineError          also RuntimeError  start again, or point at another engine: the local AWS engine failed
├── InvalidDestination   also ValueError    change the destination: Lambda would refuse it or lose its records
├── InvalidPayload       also ValueError    change the payload: Lambda would refuse the invocation
├── InvalidRecord        also ValueError    set the document aside: it is no invocation record
├── MissingDependency    also ImportError   install what the message names
├── NotDelivered         also AssertionError  look at the tree in the message: a record was lost
└── UnknownName          also LookupError   use one of the names that the message lists
"""

__all__ = [
    "DeployError",
    "EngineError",
    "InvalidDestination",
    "InvalidPayload",
    "InvalidRecord",
    "LambdaDestinationsError",
    "MissingDependency",
    "NotDelivered",
    "UnknownName",
]


class LambdaDestinationsError(Exception):
    """Any error that this library raises on purpose, other than a wrong argument (TypeError)."""


class DeployError(LambdaDestinationsError, ValueError):
    """An assembly or template that cannot be deployed to the local engine."""


class EngineError(LambdaDestinationsError, RuntimeError):
    """The local AWS engine did not start, went away, or does not hold to what AWS promises."""


class InvalidDestination(LambdaDestinationsError, ValueError):
    """A destination that Lambda refuses when the configuration is put."""


class InvalidPayload(LambdaDestinationsError, ValueError):
    """A payload that Lambda refuses: no JSON, or too large."""


class InvalidRecord(LambdaDestinationsError, ValueError):
    """A document that is no record of an asynchronous invocation."""


class MissingDependency(LambdaDestinationsError, ImportError):
    """A package or program that a feature needs is not installed."""


class NotDelivered(LambdaDestinationsError, AssertionError):
    """A record that did not arrive; the message shows the tree of the run."""


class UnknownName(LambdaDestinationsError, LookupError):
    """A function or resource that the deployed app does not have, or has more than once."""
