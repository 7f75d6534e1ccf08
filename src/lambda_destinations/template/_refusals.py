"""What AWS refuses when an app is deployed."""

from collections.abc import Callable, Iterable, Iterator

from .._service import MAX_RESOURCES
from ._finding import Finding
from ._flow import Flow
from ._read_flow import read_flow
from ._refuse import Refused
from ._refuse_lambda import refuse_configs, refuse_functions
from ._refuse_rules import refuse_rules
from ._refuse_shape import refuse_shapes
from ._resolved import Resolved

_CHECKS: tuple[Callable[[Flow], Iterator[Refused]], ...] = (
    refuse_shapes,
    refuse_functions,
    refuse_configs,
    refuse_rules,
)


def refusals(app: Iterable[Resolved], flow: Flow | None = None) -> list[Finding]:
    """Return what Lambda, EventBridge, SQS, SNS or CloudFormation would refuse, in the order of the templates.

    Lambda also refuses a destination that the role may not write to. That is not checked here: it needs the policy
    evaluator, which `lint` uses.

    :param flow: the flow of the app; it is read from the app if absent
    """
    app = list(app)
    flow = read_flow(app) if flow is None else flow
    by_place = {
        id(resource): resolved for each in app for resolved in _all(each) for resource in resolved.resources.values()
    }
    order = {id(resource): index for index, resource in enumerate(flow.resources)}
    found = [refused for check in _CHECKS for refused in check(flow)]
    found += [refused for each in app for one in _all(each) for refused in _too_many(one)]
    findings: list[Finding] = []
    for refused in sorted(found, key=lambda each: order[id(each.resource)]):
        resource = refused.resource
        finding = Finding(
            code=refused.code,
            stack=resource.stack,
            logical_id=resource.logical_id,
            path=by_place[id(resource)].origin(refused.path),
            construct=resource.construct,
            message=refused.message,
            source=refused.source,
        )
        if finding not in findings[-20:]:
            findings.append(finding)
    return findings


def _too_many(resolved: Resolved) -> Iterator[Refused]:
    """Find the first resource beyond CloudFormation's maximum for a template."""
    for resource in list(resolved.resources.values())[MAX_RESOURCES:][:1]:
        yield Refused(
            "schema-resources", resource, ("Resources", resource.logical_id),
            f"the template has {len(resolved.resources)} resources, CloudFormation takes {MAX_RESOURCES}: split it",
            "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html",
        )  # fmt: skip


def _all(resolved: Resolved) -> Iterator[Resolved]:
    yield resolved
    for each in resolved.nested.values():
        yield from _all(each)
