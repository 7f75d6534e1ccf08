"""The exceptions, by what a caller can do about them.

LambdaDestinationsError
├── DeployError          also ValueError    change what is deployed: assembly, template, handler or parameter
├── EngineError          also RuntimeError  start again, or point at another engine: the local AWS engine failed
├── InvalidDestination   also ValueError    change the destination: Lambda would refuse it or lose its records
├── InvalidExpression    also ValueError    change the JMESPath expression
├── InvalidPayload       also ValueError    change the payload: Lambda would refuse the invocation
├── InvalidPolicy        also ValueError    change the policy: AWS would not take the document
├── InvalidRecord        also ValueError    set the document aside: it is not an invocation record
├── InvalidSource        also ValueError    give a queue or bucket that records can be sent back from
├── MissingDependency    also ImportError   install what the message names
├── NotConfirmed                            say yes: nothing was sent
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
    """Any error that this library raises on purpose, other than a wrong argument (TypeError)."""


class DeployError(LambdaDestinationsError, ValueError):
    """An assembly or template that cannot be deployed to the local engine."""


class EngineError(LambdaDestinationsError, RuntimeError):
    """The local AWS engine did not start, went away, or does not hold to what AWS promises."""


class InvalidDestination(LambdaDestinationsError, ValueError):
    """A destination that Lambda refuses when the configuration is put."""


class InvalidExpression(LambdaDestinationsError, ValueError):
    """A JMESPath expression that cannot be read, or that gives what it should not."""


class InvalidPayload(LambdaDestinationsError, ValueError):
    """A payload that Lambda refuses: no JSON, or too large."""


class InvalidPolicy(LambdaDestinationsError, ValueError):
    """A policy document that AWS would not take."""


class InvalidRecord(LambdaDestinationsError, ValueError):
    """A document that is no record of an asynchronous invocation: `InvalidRecord(path, got, wanted)`."""

    # No __init__: one Python frame more can end in RecursionError just where deep nesting is to be reported.

    @property
    def path(self) -> str:
        """The dotted path of the member at fault, "" for the document as a whole."""
        return str(self.args[0])

    @property
    def got(self) -> str:
        """What stood there, shortened."""
        return str(self.args[1])

    @property
    def wanted(self) -> str:
        """What should have stood there, and what to do where that helps."""
        return str(self.args[2])

    def under(self, path: str) -> "InvalidRecord":
        """The same error in a document that stands at `path` of another."""
        return InvalidRecord(".".join(filter(None, (path, self.path))), self.got, self.wanted)

    def __str__(self) -> str:
        where = f" in {self.path!r}" if self.path else ""
        return f"got {self.got}{where}, wanted {self.wanted}"


class InvalidSource(LambdaDestinationsError, ValueError):
    """A queue or bucket from which nothing can be sent back."""


class MissingDependency(LambdaDestinationsError, ImportError):
    """A package or program that a feature needs is not installed."""


class NotConfirmed(LambdaDestinationsError):
    """Nobody said that the events may be sent."""


class NotDelivered(LambdaDestinationsError, AssertionError):
    """A record that did not arrive; the message shows the tree of the run."""


class UnknownName(LambdaDestinationsError, LookupError):
    """A function or resource that the deployed app does not have, or has more than once."""
