"""Reads cloud assemblies and templates, and resolves them without a deployment.

app = resolve_app(read_stacks(Path("cdk.out")))
flow = read_flow(app)
for finding in refusals(app, flow): ...
"""

from ._assembly import read_stacks
from ._finding import Finding, PropertyPath
from ._flow import (
    Caller,
    Destination,
    Flow,
    Function,
    InvokeConfig,
    Key,
    Policy,
    Qualifier,
    Role,
    Rule,
    Store,
    Subscription,
    Target,
)
from ._given_values import Values, given_values
from ._matching import matches as event_matches
from ._policies import bus_statement
from ._read_flow import read_flow
from ._refusals import refusals
from ._resolve import resolve, resolve_app
from ._resolved import Missing, Resolved, Resource
from ._result_event import result_event
from ._sam import expand, is_sam
from ._scope import Given
from ._stack import Stack
from ._unknown import UNKNOWN, is_known

__all__ = [
    "UNKNOWN",
    "Caller",
    "Destination",
    "Finding",
    "Flow",
    "Function",
    "Given",
    "InvokeConfig",
    "Key",
    "Missing",
    "Policy",
    "PropertyPath",
    "Qualifier",
    "Resolved",
    "Resource",
    "Role",
    "Rule",
    "Stack",
    "Store",
    "Subscription",
    "Target",
    "Values",
    "bus_statement",
    "event_matches",
    "expand",
    "given_values",
    "is_known",
    "is_sam",
    "read_flow",
    "read_stacks",
    "refusals",
    "resolve",
    "resolve_app",
    "result_event",
]
