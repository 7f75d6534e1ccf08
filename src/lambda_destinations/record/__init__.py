"""The record that Lambda sends to a destination after an asynchronous invocation. Standard library only."""

from ._error_object import ErrorObject
from ._record import InvocationRecord
from ._values import ABSENT, Absent, Condition

__all__ = ["ABSENT", "Absent", "Condition", "ErrorObject", "InvocationRecord"]
