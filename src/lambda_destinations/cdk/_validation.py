"""The checks of `lambda_destinations.lint` as a plugin of the CDK, so that `cdk synth` itself says what is wrong."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import jsii

from ..errors import MissingDependency
from ._cdk import V1, ValidationTypes, validation_types

if TYPE_CHECKING:
    from ..lint import Problem

T = TypeVar("T")

_types = None if V1 else validation_types()


def _plugin(cls: type[T]) -> type[T]:
    """Make a class a plugin, if this CDK has plugins."""
    return cls if _types is None else jsii.implements(_types.plugin)(cls)


@_plugin
class DestinationValidation:
    """A plugin that checks an app while it is synthesized: `Validations.of(app).add_plugins(DestinationValidation())`.

    On a CDK that has no `Validations` yet, give it to the app: `App(policy_validation_beta1=[plugin])`.
    An error fails the synthesis, a warning is printed. `Validations.of(scope).acknowledge(…)` silences both: its id is
    `lambda-destinations::` and the id of the rule.
    https://docs.aws.amazon.com/cdk/v2/guide/policy-validation-synthesis.html

    :param fail_on: `error` or `warning`: the lowest severity that fails the synthesis
    :raises MissingDependency: without the extra [tools], and on CDK v1, which has no such plugins
    :raises ValueError: for another `fail_on`
    """

    def __init__(self, *, fail_on: str = "error") -> None:
        if _types is None:
            raise MissingDependency(
                "CDK v1 has no validation plugins: run lambda-destinations check on the folder that cdk synth wrote, "
                "or move to CDK v2"
            )
        if fail_on not in {"error", "warning"}:
            raise ValueError(f"DestinationValidation(fail_on) wants 'error' or 'warning', got {fail_on!r}")
        self._fail_on = fail_on
        try:
            from .. import lint
        except ImportError as error:
            raise MissingDependency(
                f"the checks need more packages ({error}): run pip install 'lambda-destinations[tools]'"
            ) from None
        self._lint = lint

    @property
    def name(self) -> str:
        """Return the name of the plugin in the report."""
        return "lambda-destinations"

    @property
    def version(self) -> str:
        """Return the version of this package."""
        return version("lambda-destinations")

    @property
    def rule_ids(self) -> list[str]:
        """Return the ids of all rules."""
        return sorted(self._lint.rules())

    def validate(self, context: Any) -> Any:
        """Check the templates of an app, and report each problem as a violation."""
        found: list[Problem] = []
        for folder in dict.fromkeys(Path(each).parent for each in context.template_paths):
            found += self._lint.check([folder]).problems
        failing = [each for each in found if each.severity == "error" or self._fail_on == "warning"]
        assert _types is not None
        return _types.report(success=not failing, violations=[_violation(_types, each) for each in found])


def _violation(types: ValidationTypes, problem: Problem) -> Any:
    message, _, fix = problem.message.rpartition(": ")
    return types.violation(
        rule_name=problem.id,
        description=message or problem.message,
        fix=fix,
        severity=problem.severity,
        violating_resources=[
            types.resource(
                resource_logical_id=problem.logical_id, template_path=problem.file, locations=[problem.property]
            )
        ],
    )
