"""The exceptions, by what a caller can do about them.

LambdaDestinationsError
├── DeployError          also ValueError    change what is deployed: assembly, template, handler or parameter
├── EngineError          also RuntimeError  start again, or use another engine: the local AWS engine failed
├── InvalidDestination   also ValueError    change the destination: Lambda would refuse it or lose its records
├── InvalidExpression    also ValueError    change the JMESPath expression
├── InvalidPayload       also ValueError    change the payload: Lambda would refuse the invocation
├── InvalidPolicy        also ValueError    change the policy: AWS does not accept the document
├── InvalidRecord        also ValueError    set the document aside: it is not an invocation record
├── InvalidSource        also ValueError    give a queue or bucket with records that can be sent back
├── MissingDependency    also ImportError   install what the message names
├── NotConfirmed                            confirm it: nothing was sent
├── NotDelivered         also AssertionError  look at the tree in the message: a record was lost
└── UnknownName          also LookupError   use one of the names that the message lists
"""

__all__ = [
    "DeployError",
    "EngineError",
    "InvalidDestination",
    "InvalidExpression",
    "InvalidPayload",
    "InvalidPolicy",
    "InvalidRecord",
    "InvalidSource",
    "LambdaDestinationsError",
    "MissingDependency",
    "NotConfirmed",
    "NotDelivered",
    "UnknownName",
]


class LambdaDestinationsError(Exception):
    """Any error that this library raises on purpose, except for a wrong argument (TypeError)."""


class DeployError(LambdaDestinationsError, ValueError):
    """An assembly or template that cannot be deployed to the local engine."""


class EngineError(LambdaDestinationsError, RuntimeError):
    """The local AWS engine did not start, stopped, or does not behave like AWS."""


class InvalidDestination(LambdaDestinationsError, ValueError):
    """A destination that Lambda would refuse, or whose records would be lost."""


class InvalidExpression(LambdaDestinationsError, ValueError):
    """A JMESPath expression that cannot be read, or that gives a wrong result."""


class InvalidPayload(LambdaDestinationsError, ValueError):
    """A payload that Lambda refuses: it is not JSON, or it is too large."""


class InvalidPolicy(LambdaDestinationsError, ValueError):
    """A policy document that AWS does not accept."""


class InvalidRecord(LambdaDestinationsError, ValueError):
    """A document that is not an invocation record: `InvalidRecord(path, got, wanted)`."""

    # No __init__: one more Python frame can raise RecursionError while deep nesting is being reported.

    @property
    def path(self) -> str:
        """The dotted path of the wrong member; "" for the whole document."""
        return str(self.args[0])

    @property
    def got(self) -> str:
        """What was found there, shortened."""
        return str(self.args[1])

    @property
    def wanted(self) -> str:
        """What was expected there, and what to do if that helps."""
        return str(self.args[2])

    def under(self, path: str) -> "InvalidRecord":
        """The same error, for a document that is at `path` of another document."""
        return InvalidRecord(".".join(filter(None, (path, self.path))), self.got, self.wanted)

    def __str__(self) -> str:
        where = f" in {self.path!r}" if self.path else ""
        return f"got {self.got}{where}, wanted {self.wanted}"


class InvalidSource(LambdaDestinationsError, ValueError):
    """A queue or bucket from which no record can be sent back."""


class MissingDependency(LambdaDestinationsError, ImportError):
    """A package or program that a feature needs is not installed."""


class NotConfirmed(LambdaDestinationsError):
    """The user did not confirm that the events may be sent."""


class NotDelivered(LambdaDestinationsError, AssertionError):
    """A record did not certainly arrive; the message shows the tree of the run."""


class UnknownName(LambdaDestinationsError, LookupError):
    """A function or resource that the deployed app does not have, or has more than once."""
