"""Rules for cfn-lint that find what Lambda refuses, what is lost in silence, what never happens and what goes round.

`cfn-lint -a lambda_destinations.lint template.yaml` runs them beside its own; `lambda-destinations check` runs them
alone, over a whole assembly; `check` does the same from Python.

:raises MissingDependency: without the extra [tools]
"""

from ..errors import MissingDependency

try:
    import cfnlint.rules  # noqa: F401  (tried here, used by the modules around)
except ImportError as error:
    raise MissingDependency(
        f"the checks need cfn-lint ({error}): run pip install 'lambda-destinations[tools]'"
    ) from None

from ._catalog import kind_of, severity_of
from ._check import Judged, Problem, Report, check, read_and_judge, rules
from ._rules import (
    AgeBelowRetry,
    EndlessLoop,
    KeyPermission,
    Loop,
    NeverAsynchronous,
    NeverQualifier,
    NotJudged,
    RolePermission,
    RuleBus,
    RuleDetail,
    RuleDetailType,
    RuleResources,
    RuleSource,
    RuleTargetPermission,
    SubscriptionPermission,
)

__all__ = [
    "AgeBelowRetry",
    "EndlessLoop",
    "Judged",
    "KeyPermission",
    "Loop",
    "NeverAsynchronous",
    "NeverQualifier",
    "NotJudged",
    "Problem",
    "Report",
    "RolePermission",
    "RuleBus",
    "RuleDetail",
    "RuleDetailType",
    "RuleResources",
    "RuleSource",
    "RuleTargetPermission",
    "SubscriptionPermission",
    "check",
    "kind_of",
    "read_and_judge",
    "rules",
    "severity_of",
]
