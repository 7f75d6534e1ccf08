"""Run a synthesized app on a local AWS, and follow every record to its end."""

from ._app import App
from ._aws import LocalAws
from ._result._tree import Delivery, Run, Target

__all__ = ["App", "Delivery", "LocalAws", "Run", "Target"]
