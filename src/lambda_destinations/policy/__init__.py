"""IAM policies evaluated with three answers: allowed, denied, and not known. Standard library only."""

from ._answers import UNKNOWN, Decision, Verdict
from ._decide import Request, decide
from ._documents import Document
from ._keys import Key
from ._principals import Principal
from ._questions import may_assume, may_deliver, service_may_deliver

__all__ = [
    "UNKNOWN",
    "Decision",
    "Document",
    "Key",
    "Principal",
    "Request",
    "Verdict",
    "decide",
    "may_assume",
    "may_deliver",
    "service_may_deliver",
]
