"""What Lambda refuses when an asynchronous configuration is put, refused here when an app is deployed."""

from collections.abc import Callable
from typing import Any

from ...errors import InvalidDestination
from .._clients import ClientError, is_missing
from .._environment import Environment
from .._flow._deliver import SERVICES
from .._flow._follow import resource_policy
from .._flow._policy import allowed, role_policy, statements
from ._stacks import delete_bucket

_EXISTS: dict[str, Callable[[Any, str], Any]] = {
    "lambda": lambda client, arn: client.get_function(FunctionName=arn),
    "s3": lambda client, arn: client.head_bucket(Bucket=arn.rsplit(":", 1)[-1]),
    "sns": lambda client, arn: client.get_topic_attributes(TopicArn=arn),
    "sqs": lambda client, arn: client.get_queue_url(QueueName=arn.rsplit(":", 1)[-1]),
}
_CREATE: dict[str, Callable[[Any, str], Any]] = {
    "events": lambda client, arn: client.create_event_bus(Name=arn.rsplit("/", 1)[-1]),
    "s3": lambda client, arn: client.create_bucket(Bucket=arn.rsplit(":", 1)[-1]),
    "sns": lambda client, arn: client.create_topic(Name=arn.rsplit(":", 1)[-1]),
    "sqs": lambda client, arn: client.create_queue(QueueName=arn.rsplit(":", 1)[-1]),
}
_DELETE: dict[str, Callable[[Any, str], Any]] = {
    "events": lambda client, arn: client.delete_event_bus(Name=arn.rsplit("/", 1)[-1]),
    "s3": lambda client, arn: delete_bucket(client, arn.rsplit(":", 1)[-1]),
    "sns": lambda client, arn: client.delete_topic(TopicArn=arn),
    "sqs": lambda client, arn: client.delete_queue(
        QueueUrl=client.get_queue_url(QueueName=arn.rsplit(":", 1)[-1])["QueueUrl"]
    ),
}


def delete_created(created: list[tuple[Environment, str]]) -> None:
    """Delete what was made to stand in for imported destinations."""
    while created:
        env, arn = created.pop()
        env.release(set(), set(), {arn})
        service = arn.split(":")[2]
        _DELETE[service](env.clients[service], arn)


class Checker:
    """Checks the configurations of functions. `environment_of` gives the environment of an ARN.

    `create_missing` makes the queues, topics, buckets and buses that the app imports and that are not there.
    """

    def __init__(self, environment_of: Callable[[str], Environment], *, create_missing: bool) -> None:
        self._environment_of, self._create_missing = environment_of, create_missing
        self.created: list[tuple[Environment, str]] = []
        self._policies: dict[str, list[dict[str, Any]]] = {}

    def check(self, env: Environment, function: str) -> None:
        """Raise InvalidDestination if Lambda would refuse the dead-letter queue or a configuration of a function."""
        facts = env.facts(function, "$LATEST")
        if facts.dead_letter_arn is not None:
            where = f"{env.target(facts.arn).label} dead-letter queue"
            self._check_existence(where, facts.dead_letter_arn)
            self._check_role(where, env, facts.role_arn, facts.dead_letter_arn)
        for qualifier, config in env.configs(function).items():
            facts = env.facts(function, qualifier)
            where = f"{env.target(facts.arn).label}:{qualifier}"
            for on, destination in (("on success", config.on_success), ("on failure", config.on_failure)):
                if destination is not None:
                    self._check_kind(f"{where} {on}", on, facts.arn, destination)
                    self._check_existence(f"{where} {on}", destination)
                    self._check_role(f"{where} {on}", env, facts.role_arn, destination)

    def _check_kind(self, where: str, on: str, function_arn: str, destination: str) -> None:
        service = destination.split(":")[2]
        if service not in SERVICES:
            raise InvalidDestination(
                f"{where}: {destination} is no destination; use a queue, topic, function, bus or bucket"
            )
        if destination.endswith(".fifo"):
            kind = "queue" if service == "sqs" else "topic"
            raise InvalidDestination(f"{where}: Lambda refuses the FIFO {kind} {destination}; use a standard {kind}")
        if service == "s3" and on == "on success":
            raise InvalidDestination(f"{where}: Lambda takes a bucket for failures only; use another destination")
        if destination.startswith(function_arn) and destination[len(function_arn) :][:1] in {"", ":"}:
            raise InvalidDestination(f"{where}: Lambda refuses the function itself as its destination; use another one")

    def _check_existence(self, where: str, destination: str) -> None:
        service = destination.split(":")[2]
        env = self._environment_of(destination)
        try:
            if service in _EXISTS:
                _EXISTS[service](env.clients[service], destination)
            elif self._create_missing:
                env.clients["events"].describe_event_bus(Name=destination.rsplit("/", 1)[-1])
        except ClientError as error:
            if not is_missing(error):
                raise
            if not self._create_missing or service not in _CREATE:
                raise InvalidDestination(
                    f"{where}: {destination} does not exist; create it first, or let create_missing do that"
                ) from None
            _CREATE[service](env.clients[service], destination)
            self.created.append((env, destination))

    def _check_role(self, where: str, env: Environment, role_arn: str, destination: str) -> None:
        action, service = SERVICES[destination.split(":")[2]][0], destination.split(":")[2]
        if role_arn not in self._policies:
            try:
                self._policies[role_arn] = role_policy(env.clients["iam"], role_arn)
            except ClientError as error:
                if not is_missing(error):
                    raise
                raise InvalidDestination(f"{where}: the role {role_arn} does not exist; create it first") from None
        resource = f"{destination}/*" if service == "s3" else destination
        if allowed(self._policies[role_arn], action, resource, assume_conditions=True):
            return
        if service in {"sns", "sqs"}:
            policy = statements(resource_policy(self._environment_of(destination), destination))
            if allowed(policy, action, resource, principal=role_arn, assume_conditions=True):
                return
        raise InvalidDestination(
            f"{where}: the role {role_arn.rsplit('/', 1)[-1]} may not {action} on {destination}, "
            "and Lambda refuses what it may not write to; grant it"
        )
