"""The check of a whole stage when it is synthesized, after the user's aspects and overrides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk.aws_events as events
import aws_cdk.aws_lambda as lambda_
import jsii
from constructs import IValidation

from ._ages import judge_age
from ._app import App, app_of
from ._by_reference import ByReference
from ._cdk import Stage, add_validation, node_of
from ._loops import judge_loops
from ._once import once_for_each
from ._parity import upstream_parity
from ._tree import l1, node, path, stack_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import IConstruct


@jsii.implements(IValidation)
class Judge(ByReference):
    """Checks a stage when the CDK validates it: after its aspects, before its templates."""

    def __init__(self, stage: IConstruct, app: App) -> None:
        super().__init__()
        self._stage = stage
        self.app = app
        self.assumed: dict[int, tuple[events.Rule, str]] = {}  # by the rule's id(): the rule and the function's ARN

    def validate(self) -> list[str]:
        """Add the warnings, and give each rule the qualifier of its configuration; there are no errors to return."""
        rules: list[tuple[events.Rule, str]] = []
        for construct in node_of(self._stage).find_all():
            if isinstance(construct, lambda_.EventInvokeConfig):
                rules = []
            elif id(construct) in self.assumed:
                rules.append(self.assumed[id(construct)])
            elif isinstance(construct, lambda_.CfnEventInvokeConfig):
                _judge_configuration(construct, rules)
        judge_loops(self.app.legs)
        return []


def _judge_configuration(config: lambda_.CfnEventInvokeConfig, rules: list[tuple[events.Rule, str]]) -> None:
    given: Mapping[str, Any] = config._cfn_properties
    judge_age(config, given.get("maximumEventAgeInSeconds"), given.get("maximumRetryAttempts"))
    qualifier = given.get("qualifier") or "$LATEST"
    if rules and qualifier != "$LATEST" and not upstream_parity(stack_of(config)):
        for rule, function_arn in rules:
            resource: Any = l1(rule)
            resource.add_property_override("EventPattern.resources", [f"{function_arn}:{qualifier}"])


@once_for_each
def judge_of(construct: Any) -> Judge:
    """Return the judge that checks the stage of a construct, which is a stack or in a stack."""
    app = app_of(construct)
    stage: Any = Stage.of(construct) or node(construct).root
    if path(stage) not in app.judged:
        app.judged[path(stage)] = judge = Judge(stage, app)
        add_validation(stage, judge)
    found: Judge = app.judged[path(stage)]
    return found
