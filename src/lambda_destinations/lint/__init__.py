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
