"""All findings of an app, in one list."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from ..policy import UNKNOWN
from ..template import Finding, Flow, Resolved, refusals
from ._ages import short_lived
from ._buses import unmatched
from ._callers import never
from ._loops import loops
from ._permissions import locked_out

_JUDGES = (locked_out, unmatched, short_lived, never, loops)


def judge(app: Sequence[Resolved], flow: Flow) -> list[Finding]:
    """Return all findings of an app, each once, in the order of the templates.

    AWS's resource schemas are left to cfn-lint's own rules. A value that is known only after the deployment is never
    judged.
    """
    refused = [each for each in refusals(app, flow) if not each.code.startswith("schema-")]
    by_name = {each.stack.name: each for each in all_stacks(app)}
    names = _names(flow)
    own = (_at_origin(each, by_name) for each in chain.from_iterable(of(flow) for of in _JUDGES))
    found = [_worded(each, names) for each in (*refused, *own)]
    order = {name: index for index, name in enumerate(by_name)}
    return sorted(dict.fromkeys(found), key=lambda each: (order.get(each.stack, 0), each.code))


def all_stacks(app: Iterable[Resolved]) -> Iterator[Resolved]:
    """Return the stacks of an app, each followed by the stacks nested in it."""
    for each in app:
        yield each
        yield from all_stacks(each.nested.values())


def _at_origin(finding: Finding, stacks: dict[str, Resolved]) -> Finding:
    stack = stacks.get(finding.stack)
    return finding if stack is None else replace(finding, path=stack.origin(finding.path))


def _names(flow: Flow) -> dict[str, str]:
    """Return the construct of each resource by its plausible ARN and name, which no message should show."""
    made_up: dict[str, str] = {}
    for each in flow.resources:
        for name in (each.arn, each.physical_id):
            if name and len(name) > len(each.logical_id) and UNKNOWN not in name:
                made_up[name] = each.construct
    return dict(sorted(made_up.items(), key=lambda pair: -len(pair[0])))


def _worded(finding: Finding, names: dict[str, str]) -> Finding:
    message = finding.message
    for name, construct in names.items():
        message = message.replace(name, construct)
    return replace(finding, message=message.replace(UNKNOWN, "…"))
