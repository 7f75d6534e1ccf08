"""Rules for cfn-lint that find what Lambda refuses, what is lost, what never happens, and loops.

`cfn-lint -a lambda_destinations.lint template.yaml` runs them together with cfn-lint's own rules.
`lambda-destinations check` runs only them, for a whole assembly. `check` does the same from Python.

:raises MissingDependency: when the extra [tools] is not installed
"""

from ..errors import MissingDependency

try:
    import cfnlint.rules  # noqa: F401  (only tested here; the other modules use it)
except ImportError as error:
    raise MissingDependency(
        f"the checks need cfn-lint ({error}): run pip install 'lambda-destinations[tools]'"
    ) from None

from ._catalog import kind_of, severity_of
from ._check import Judged, Problem, Report, check, read_and_judge, rules
from ._rules import (
    AgeBelowRetry,
    BucketOnSuccess,
    DeadLetters,
    EndlessLoop,
    FifoDestination,
    KeyPermission,
    Loop,
    NeverAsynchronous,
    NeverQualifier,
    NoSuchQualifier,
    NotADestination,
    NotJudged,
    OwnDestination,
    PolicyAfterConfiguration,
    ReservedVariable,
    RoleNotAssumable,
    RolePermission,
    RuleBus,
    RuleDetail,
    RuleDetailType,
    RuleRefused,
    RuleResources,
    RuleSource,
    RuleTargetPermission,
    SecondConfiguration,
    SubscriptionPermission,
)

__all__ = [
    "AgeBelowRetry",
    "BucketOnSuccess",
    "DeadLetters",
    "EndlessLoop",
    "FifoDestination",
    "Judged",
    "KeyPermission",
    "Loop",
    "NeverAsynchronous",
    "NeverQualifier",
    "NoSuchQualifier",
    "NotADestination",
    "NotJudged",
    "OwnDestination",
    "PolicyAfterConfiguration",
    "Problem",
    "Report",
    "ReservedVariable",
    "RoleNotAssumable",
    "RolePermission",
    "RuleBus",
    "RuleDetail",
    "RuleDetailType",
    "RuleRefused",
    "RuleResources",
    "RuleSource",
    "RuleTargetPermission",
    "SecondConfiguration",
    "SubscriptionPermission",
    "check",
    "kind_of",
    "read_and_judge",
    "rules",
    "severity_of",
]
