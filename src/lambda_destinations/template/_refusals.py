"""What AWS refuses of an app when it is deployed."""

from collections.abc import Iterable

from ._finding import Finding
from ._flow import Flow
from ._resolved import Resolved


def refusals(app: Iterable[Resolved], flow: Flow | None = None) -> list[Finding]:
    """Return what Lambda, EventBridge, SQS, SNS or CloudFormation would refuse, in the order of the templates."""
    raise NotImplementedError
