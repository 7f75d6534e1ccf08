"""Run a synthesized app on an AWS of this machine, and watch every record arrive."""

from ._app import App
from ._aws import LocalAws
from ._result._tree import Delivery, Run, Target

__all__ = ["App", "Delivery", "LocalAws", "Run", "Target"]
