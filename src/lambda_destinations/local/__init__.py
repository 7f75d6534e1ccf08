"""Run a synthesized app on a local AWS, and follow every record to its end."""

from ._app import App
from ._aws import LocalAws
from ._deploy._resource import Resource
from ._result._codes import Finding, Leg, Problem, Verdict
from ._result._tree import Delivery, Run, Target

__all__ = ["App", "Delivery", "Finding", "Leg", "LocalAws", "Problem", "Resource", "Run", "Target", "Verdict"]
