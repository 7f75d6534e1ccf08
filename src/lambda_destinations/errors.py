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


class MissingDependency(LambdaDestinationsError, ImportError):
    """A package or program that a feature needs is not installed."""
