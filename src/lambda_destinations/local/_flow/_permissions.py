"""Whether a record may be delivered: the policies are read from the engine, and the policy evaluator decides."""

from collections.abc import Callable, Hashable

from ...policy import UNKNOWN, Decision, Document, Key, may_assume, may_deliver, service_may_deliver
from .._arn import Arn
from .._clients import ClientError, is_missing
from .._environment import Environment
from .._placeholders import is_placeholder
from .._resource_policies import resource_policy_of
from .._result._tree import Delivery
from .._roles import as_far_as_known, principal_of
from ._services import service_of

EnvironmentOf = Callable[[str], Environment]

_GRANTS = {
    "events": "AWS::Events::EventBusPolicy",
    "lambda": "AWS::Lambda::Permission",
    "sns": "AWS::SNS::TopicPolicy",
    "sqs": "AWS::SQS::QueuePolicy",
}


class Permissions:
    """Asks the policy evaluator, and sets on the delivery what the answer means."""

    def __init__(self, environment_of: EnvironmentOf) -> None:
        self._environment_of = environment_of

    def role_may(self, delivery: Delivery, role_arn: str, function_arn: str, outcome: str) -> bool:
        """Whether the execution role of a function may write to the target."""
        name = Arn.parse(role_arn).name

        def ask(key: Key | str | None) -> Decision:
            principal = principal_of(self._environment_of(role_arn), role_arn, Arn.parse(function_arn).name)
            decision = may_deliver(
                principal,
                function_arn,
                delivery.target.arn,
                resource_policy=self._policy(delivery.target.arn),
                key=key,
                outcome=outcome if outcome in {"Success", "Failure"} else None,  # type: ignore[arg-type]
            )
            return as_far_as_known(decision, imported=self._imported(delivery.target.arn, role_arn))

        def denied(decision: Decision, action: str) -> None:
            delivery.lose("denied", action=action, who=name, arn=delivery.target.arn, reason=decision.reason)

        return self._settle(delivery, name, ask, denied, ("role", role_arn, function_arn, outcome))

    def service_may(self, delivery: Delivery, service: str, source_arn: str, role_arn: str | None = None) -> bool:
        """Whether a service may send something to the target, as itself or with a role."""

        def ask(key: Key | str | None) -> Decision:
            role = None
            if role_arn is not None:
                assumed = self._may_take(service, role_arn, source_arn)
                if not assumed.allowed:
                    return assumed
                role = principal_of(self._environment_of(role_arn), role_arn)
            decision = service_may_deliver(
                service,
                source_arn,
                delivery.target.arn,
                resource_policy=self._policy(delivery.target.arn),
                key=key,
                role=role,
            )
            return as_far_as_known(decision, imported=self._imported(delivery.target.arn, role_arn))

        def denied(decision: Decision, action: str) -> None:
            grant = _GRANTS.get(Arn.parse(delivery.target.arn).service, "policy")
            delivery.lose(
                "service-denied",
                service=service,
                action=action,
                grant=grant if role_arn is None else f"Allow to the role {Arn.parse(role_arn).name}",
                source=source_arn,
                reason=decision.reason,
            )

        return self._settle(delivery, service, ask, denied, (service, source_arn, role_arn))

    def _may_take(self, service: str, role_arn: str, source_arn: str) -> Decision:
        iam = self._environment_of(role_arn).clients["iam"]
        trust = iam.get_role(RoleName=Arn.parse(role_arn).name)["Role"]["AssumeRolePolicyDocument"]
        return may_assume(trust, service, role_arn=role_arn, source_arn=source_arn)

    def _settle(
        self,
        delivery: Delivery,
        who: str,
        ask: Callable[[Key | str | None], Decision],
        denied: Callable[[Decision, str], None],
        asked: tuple[Hashable, ...],
    ) -> bool:
        target = delivery.target.arn
        if is_placeholder(target):
            delivery.doubt("placeholder")
            return False
        env, service = self._environment_of(target), service_of(target)
        try:
            key_id = env.memo(("key", target), lambda: service.key_id(env, Arn.parse(target)))
            plain = env.memo((*asked, target), lambda: ask(None))
        except ClientError as error:
            if not is_missing(error):
                raise
            delivery.lose("missing", arn=target)
            return False
        if plain.denied:
            denied(plain, service.action)
        elif plain.unknown:
            delivery.doubt("permission-unknown", who=who, action=service.action, reason=plain.reason)
        elif key_id is not None:
            self._ask_key(delivery, who, key_id, ask, asked)
        delivery.permission = service.action if delivery.accepted else None
        return delivery.accepted

    def _ask_key(
        self,
        delivery: Delivery,
        who: str,
        key_id: str,
        ask: Callable[[Key | str | None], Decision],
        asked: tuple[Hashable, ...],
    ) -> None:
        target, env = delivery.target, self._environment_of(delivery.target.arn)
        key = env.memo(("kms", key_id), lambda: _key(env, key_id))
        if key is None:
            delivery.lose("key-missing", key=key_id, target=target.label)
            return
        decision = env.memo((*asked, target.arn, key_id), lambda: ask(key))
        if decision.denied:
            delivery.lose("key-denied", target=target.label, who=who, reason=decision.reason)
        elif decision.unknown:
            delivery.doubt("key-unknown", target=target.label, who=who, reason=decision.reason)

    def _imported(self, *arns: str | None) -> bool:
        return any(self._environment_of(arn).stands_in(arn) for arn in arns if arn is not None)

    def _policy(self, arn: str) -> Document | None:
        return resource_policy_of(self._environment_of(arn), arn)


def _key(env: Environment, key_id: str) -> Key | str | None:
    """The KMS key of an id, an ARN or an alias; None if it does not exist."""
    if key_id.rpartition(":")[2].startswith("alias/aws/"):
        return key_id.rpartition(":")[2]
    owner = Arn.find(key_id)
    if owner is not None and owner.account != env.clients.account:
        return UNKNOWN
    kms = env.clients["kms"]
    try:
        found = kms.describe_key(KeyId=key_id)["KeyMetadata"]
        policy = kms.get_key_policy(KeyId=found["Arn"], PolicyName="default")["Policy"]
        aliases = [each["AliasName"] for each in kms.list_aliases(KeyId=found["Arn"])["Aliases"]]
    except ClientError as error:
        if not is_missing(error):
            raise
        return None
    enabled = found.get("KeyState", "Enabled") == "Enabled" and found.get("Enabled", True)
    return Key(found["Arn"], policy, tuple(aliases), enabled=enabled)
