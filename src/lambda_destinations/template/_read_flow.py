"""The model of the flow, read from resolved stacks."""

from collections.abc import Iterable

from ._flow import Flow
from ._resolved import Resolved


def read_flow(app: Iterable[Resolved]) -> Flow:
    """Return who sends what where in an app, its nested stacks too."""
    raise NotImplementedError
