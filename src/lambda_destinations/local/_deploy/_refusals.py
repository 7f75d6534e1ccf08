"""Refuse what AWS refuses when an app is deployed: first by the templates, then by the permissions of the roles."""

from collections.abc import Callable, Iterable, Mapping

from ..._service import SERVICES
from ...errors import DeployError, InvalidDestination
from ...policy import Document, may_deliver
from ...template import Finding, Flow, Resolved, refusals
from .._arn import LATEST, Arn
from .._environment import Environment, FunctionFacts
from .._placeholders import is_placeholder
from .._resource_policies import resource_policy_of
from .._roles import Roles, as_far_as_known, read_roles
from ._stand_ins import exists

_OF_DESTINATIONS = {"AWS::Lambda::EventInvokeConfig"}


def refuse(app: Iterable[Resolved], flow: Flow) -> None:
    """Raise InvalidDestination if AWS would refuse only destinations of an app, DeployError if it would refuse more."""
    found = refusals(app, flow)
    if not found:
        return
    types = {(each.stack, each.logical_id): each.type for each in flow.resources}
    text = "\n".join(map(str, found))
    raise (InvalidDestination if all(_is_of_destinations(each, types) for each in found) else DeployError)(text)


def _is_of_destinations(found: Finding, types: dict[tuple[str, str], str]) -> bool:
    return types.get((found.stack, found.logical_id)) in _OF_DESTINATIONS or "DeadLetterConfig" in found.path


class RoleCheck:
    """Checks that the roles of deployed functions may do what their configurations need.

    :param environment_of: gives the environment of an ARN
    :param paths: the construct paths of the app's resources by ARN, for messages
    """

    def __init__(self, environment_of: Callable[[str], Environment], paths: Mapping[str, str]) -> None:
        self._environment_of, self._paths = environment_of, paths
        self.notes: list[str] = []
        self._roles: dict[str, Roles] = {}
        self._existing: dict[str, bool] = {}
        self._policies: dict[str, Document | None] = {}

    def check(self, env: Environment, function: str) -> None:
        """Raise InvalidDestination or DeployError if Lambda would refuse the role or a destination of a function."""
        facts = env.facts(function, LATEST)
        label = self._name(facts.arn)
        self._check_trust(label, env, facts)
        if facts.dead_letter_arn is not None:
            self._check_destination(f"{label} dead-letter queue", facts, facts.dead_letter_arn)
        for qualifier, config in env.configs(function).items():
            for on, destination in (("on success", config.on_success), ("on failure", config.on_failure)):
                if destination is not None:
                    self._check_destination(f"{label}:{qualifier} {on}", facts, destination)

    def _check_trust(self, label: str, env: Environment, facts: FunctionFacts) -> None:
        where = f"{label}: the role {self._name(facts.role_arn)}"
        role = Arn.find(facts.role_arn)
        if role is None or is_placeholder(facts.role_arn) or facts.role_arn in env.stand_ins:
            return
        if not self._exists(facts.role_arn):
            raise InvalidDestination(f"{where} does not exist; create it first")
        decision = self._roles_at(facts.role_arn).may_lambda_assume(facts.role_arn, facts.arn)
        if decision.denied:
            raise DeployError(
                f"{where} cannot be assumed by Lambda ({decision.reason}); let lambda.amazonaws.com assume it"
            )
        if decision.unknown:
            self.notes.append(f"{where}: it is not known whether Lambda may assume it ({decision.reason})")

    def _check_destination(self, where: str, facts: FunctionFacts, destination: str) -> None:
        arn = Arn.find(destination)
        if is_placeholder(destination):
            self.notes.append(f"{where}: it is not known where records go: {destination} was left out or not given")
            return
        if arn is None or arn.service not in SERVICES:
            raise InvalidDestination(
                f"{where}: {destination} is not a destination; use a queue, topic, function, bus or bucket"
            )
        if arn.service != "events" and not self._exists(destination):  # Lambda accepts an event bus that does not exist
            raise InvalidDestination(
                f"{where}: {destination} does not exist; create it first, or let create_missing do that"
            )
        role = Arn.find(facts.role_arn)
        if role is None or is_placeholder(facts.role_arn):
            return
        principal = self._roles_at(facts.role_arn).principal(facts.role_arn, Arn.parse(facts.arn).name)
        policy = self._policy(destination)
        imported = any(self._environment_of(each).stands_in(each) for each in (destination, facts.role_arn))
        decision = as_far_as_known(
            may_deliver(principal, facts.arn, destination, resource_policy=policy), imported=imported
        )
        if decision.denied:
            raise InvalidDestination(
                f"{where}: the role {self._name(facts.role_arn)} may not write to {self._name(destination)} "
                f"({decision.reason}), "
                "and Lambda refuses what it may not write to; grant it"
            )
        if decision.unknown:
            self.notes.append(
                f"{where}: it is not known whether {role.name} may write to {destination}: {decision.reason}"
            )

    def _name(self, arn: str) -> str:
        return self._paths.get(arn, arn)

    def _exists(self, arn: str) -> bool:
        if arn not in self._existing:
            parsed = Arn.parse(arn)
            self._existing[arn] = (
                parsed.name in self._roles_at(arn).details
                if parsed.service == "iam"
                else exists(self._environment_of(arn), parsed)
            )
        return self._existing[arn]

    def _policy(self, arn: str) -> Document | None:
        if arn not in self._policies:
            self._policies[arn] = resource_policy_of(self._environment_of(arn), arn)
        return self._policies[arn]

    def _roles_at(self, arn: str) -> Roles:
        account = Arn.parse(arn).account
        if account not in self._roles:
            self._roles[account] = read_roles(self._environment_of(arn))
        return self._roles[account]
