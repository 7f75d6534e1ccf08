"""The entries of the catalog as rules that cfn-lint runs."""

from typing import Any, ClassVar

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from . import _catalog as catalog
from ._lines import located
from ._single import findings_of


class _Rule(CloudFormationLintRule):  # type: ignore[misc]  # cfn-lint's classes have no types that mypy sees
    """Reports the findings that have a code of its catalog entry."""

    tags = ["lambda", "destinations"]  # noqa: RUF012  (cfn-lint's own form)
    entry: ClassVar[catalog.Entry]

    def __init_subclass__(cls, *, entry: catalog.Entry, **more: Any) -> None:
        super().__init_subclass__(**more)
        cls.entry, cls.id, cls.source_url = entry, entry.id, entry.source
        cls.shortdesc, cls.description = entry.title, entry.reason

    def match(self, cfn: Template) -> list[RuleMatch]:
        """Return the findings of this rule in a template."""
        return [
            RuleMatch(list(located(each.path, cfn.template)), str(each), finding=each)
            for each in findings_of(cfn)
            if each.code in self.entry.codes
        ]


class NotJudged(_Rule, entry=catalog.NOT_JUDGED):
    """A template that cannot be resolved."""


class FifoDestination(_Rule, entry=catalog.FIFO):
    """A FIFO queue or topic."""


class BucketOnSuccess(_Rule, entry=catalog.BUCKET_ON_SUCCESS):
    """A bucket on success."""


class OwnDestination(_Rule, entry=catalog.OWN_DESTINATION):
    """A function as its own destination."""


class NotADestination(_Rule, entry=catalog.NOT_A_DESTINATION):
    """A destination that is not the ARN of a queue, topic, function, event bus or bucket."""


class SecondConfiguration(_Rule, entry=catalog.SECOND_CONFIGURATION):
    """A second configuration for a qualifier."""


class NoSuchQualifier(_Rule, entry=catalog.NO_SUCH_QUALIFIER):
    """A qualifier that does not exist."""


class RoleNotAssumable(_Rule, entry=catalog.ROLE_NOT_ASSUMABLE):
    """An execution role that Lambda may not assume."""


class PolicyAfterConfiguration(_Rule, entry=catalog.POLICY_AFTER_CONFIGURATION):
    """A policy that is created after the configuration that needs it."""


class DeadLetters(_Rule, entry=catalog.DEAD_LETTERS):
    """A dead-letter target that Lambda refuses."""


class ReservedVariable(_Rule, entry=catalog.RESERVED_VARIABLE):
    """An environment variable that Lambda does not take."""


class RuleRefused(_Rule, entry=catalog.RULE_REFUSED):
    """A rule or target that EventBridge refuses."""


class RolePermission(_Rule, entry=catalog.ROLE_PERMISSION):
    """A role that may not write to a destination."""


class KeyPermission(_Rule, entry=catalog.KEY_PERMISSION):
    """A customer-managed key that the sender may not use."""


class RuleSource(_Rule, entry=catalog.RULE_SOURCE):
    """A rule that waits for another source than Lambda's."""


class RuleDetailType(_Rule, entry=catalog.RULE_DETAIL_TYPE):
    """A rule that waits for a detail-type that Lambda does not send."""


class RuleResources(_Rule, entry=catalog.RULE_RESOURCES):
    """A rule that waits for another qualifier, or for none."""


class RuleBus(_Rule, entry=catalog.RULE_BUS):
    """A rule that is not on the event bus of the records."""


class RuleDetail(_Rule, entry=catalog.RULE_DETAIL):
    """A rule that waits for something that a record does not have."""


class RuleTargetPermission(_Rule, entry=catalog.RULE_TARGET_PERMISSION):
    """A target whose policy does not allow the rule to deliver."""


class SubscriptionPermission(_Rule, entry=catalog.SUBSCRIPTION_PERMISSION):
    """A subscriber whose policy does not allow the topic to deliver."""


class AgeBelowRetry(_Rule, entry=catalog.AGE_BELOW_RETRY):
    """An age that leaves no time for the retries."""


class NeverQualifier(_Rule, entry=catalog.NEVER_QUALIFIER):
    """A configuration for a qualifier that is not invoked."""


class NeverAsynchronous(_Rule, entry=catalog.NEVER_ASYNCHRONOUS):
    """A configuration of a function that is invoked synchronously only."""


class EndlessLoop(_Rule, entry=catalog.ENDLESS_LOOP):
    """A loop that Lambda does not stop."""


class Loop(_Rule, entry=catalog.LOOP):
    """A loop that Lambda stops."""
