"""Stand-ins: resources that replace what the app imports by ARN, which exists only on AWS."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from ...template import Flow, is_known
from .._arn import LATEST, Arn
from .._clients import ClientError, is_missing
from .._environment import Environment
from .._roles import OF_STAND_INS
from ._cloudformation import delete_bucket
from ._code import Packer

_HANDLER = "def handler(event, context):\n    return None\n"
_RUNTIME = "python3.12"
_MOST_VERSIONS = 100
_TRUST = json.dumps(
    {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]}
)
_ALL = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})

_EXISTS: dict[str, Callable[[Any, Arn], Any]] = {
    "events": lambda client, arn: client.describe_event_bus(Name=arn.name),
    "iam": lambda client, arn: client.get_role(RoleName=arn.name),
    "lambda": lambda client, arn: client.get_function(FunctionName=str(arn)),
    "s3": lambda client, arn: client.head_bucket(Bucket=arn.name),
    "sns": lambda client, arn: client.get_topic_attributes(TopicArn=str(arn)),
    "sqs": lambda client, arn: client.get_queue_url(QueueName=arn.name),
}
_CREATE: dict[str, Callable[[Any, Arn], Any]] = {
    "events": lambda client, arn: client.create_event_bus(Name=arn.name),
    "s3": lambda client, arn: client.create_bucket(Bucket=arn.name),
    "sns": lambda client, arn: client.create_topic(Name=arn.name, **_fifo(arn)),
    "sqs": lambda client, arn: client.create_queue(QueueName=arn.name, **_fifo(arn)),
}
_DELETE: dict[str, Callable[[Any, Arn], Any]] = {
    "events": lambda client, arn: client.delete_event_bus(Name=arn.name),
    "lambda": lambda client, arn: client.delete_function(FunctionName=arn.name),
    "s3": lambda client, arn: delete_bucket(client, arn.name),
    "sns": lambda client, arn: client.delete_topic(TopicArn=str(arn)),
    "sqs": lambda client, arn: client.delete_queue(QueueUrl=client.get_queue_url(QueueName=arn.name)["QueueUrl"]),
}


class StandIns:
    """The stand-ins of one app.

    :param create_missing: create queues, topics, buckets and event buses too. Functions and roles are always created,
        because the app cannot run without them
    """

    def __init__(
        self, environment_of: Callable[[str], Environment], packer: Packer, *, create_missing: bool = False
    ) -> None:
        self._environment_of, self._packer, self._create_missing = environment_of, packer, create_missing
        self._made: list[tuple[Environment, Arn]] = []
        self.notes: list[str] = []

    def make_for(self, flow: Flow) -> None:
        """Create what an app refers to by ARN, does not define itself, and what does not exist in the engine."""
        for text in dict.fromkeys(_imported(flow)):
            arn = Arn.find(text)
            if arn is None or (arn.service not in _EXISTS):
                continue
            if arn.service in {"iam", "lambda"} or self._create_missing:
                env = self._environment_of(text)
                if not exists(env, arn):
                    self._make(env, arn)

    def _make(self, env: Environment, arn: Arn) -> None:
        if arn.service == "iam":
            self._make_role(env, arn)
            said = "it is not known here what it may do"
        elif arn.service == "lambda":
            self._make_function(env, arn)
            said = "it is replaced by a function that only records its input"
        else:
            _CREATE[arn.service](env.clients[arn.service], arn)
            said = "it is replaced by an empty one"
        self._remember(env, arn.unqualified)
        self.notes.append(f"{arn} is not in the app: {said}")

    def _remember(self, env: Environment, arn: Arn) -> None:
        env.stand_ins.add(str(arn))
        if (env, arn) not in self._made:
            self._made.append((env, arn))

    def _make_role(self, env: Environment, arn: Arn) -> None:
        path = arn.resource.removeprefix("role").removesuffix(arn.name) or "/"
        iam = env.clients["iam"]
        iam.create_role(RoleName=arn.name, Path=path, AssumeRolePolicyDocument=_TRUST)
        iam.put_role_policy(RoleName=arn.name, PolicyName=OF_STAND_INS, PolicyDocument=_ALL)

    def _make_function(self, env: Environment, arn: Arn) -> None:
        client = env.clients["lambda"]
        if not exists(env, arn.unqualified):
            role = Arn("aws", "iam", "", env.clients.account, "role/lambda-destinations-stand-in")
            if not exists(env, role):
                self._make_role(env, role)
                self._remember(env, role)
            content, runtime = self._packer.function(_RUNTIME, _HANDLER, ())
            client.create_function(
                FunctionName=arn.name,
                Handler="index.handler",
                Runtime=runtime,
                Role=str(role),
                Code={"ZipFile": content},
            )
            if runtime != _RUNTIME:
                env.wrapped.add(arn.name)
        if arn.qualifier not in {None, LATEST}:
            _qualify(client, arn)

    def close(self) -> None:
        """Delete all stand-ins."""
        while self._made:
            env, arn = self._made.pop()
            env.stand_ins.discard(str(arn))
            if arn.service == "iam":
                env.release(set(), {str(arn)}, {str(arn)})
                env.clients["iam"].delete_role_policy(RoleName=arn.name, PolicyName=OF_STAND_INS)
                env.clients["iam"].delete_role(RoleName=arn.name)
            else:
                env.release({arn.name} if arn.service == "lambda" else set(), set(), {str(arn)})
                _DELETE[arn.service](env.clients[arn.service], arn)


def _imported(flow: Flow) -> Iterable[str]:
    """The ARNs that an app refers to but does not define."""
    functions, own = flow.functions, {each.arn for each in flow.resources if each.arn}
    found = [each.role_arn for each in functions]
    found += [each.dead_letter_arn for each in functions if each.dead_letter_arn]
    found += [each.function_arn for each in flow.configs]
    found += [each.arn for config in flow.configs for each in config.destinations]
    found += [each.arn for rule in flow.rules for each in rule.targets]
    found += [each.endpoint for each in flow.subscriptions]
    for text in found:
        if isinstance(text, str) and is_known(text):
            arn = Arn.find(text)
            if arn is not None and text not in own and str(arn.unqualified) not in own:
                yield text


def exists(env: Environment, arn: Arn) -> bool:
    try:
        _EXISTS[arn.service](env.clients[arn.service], arn)
    except ClientError as error:
        if not is_missing(error):
            raise
        return False
    return True


def _fifo(arn: Arn) -> dict[str, Any]:
    return (
        {"Attributes": {f"Fifo{'Queue' if arn.service == 'sqs' else 'Topic'}": "true"}}
        if arn.name.endswith(".fifo")
        else {}
    )


def _qualify(client: Any, arn: Arn) -> None:
    """Create the version or alias that an ARN names."""
    qualifier = str(arn.qualifier)
    if not qualifier.isdigit():
        client.create_alias(FunctionName=arn.name, Name=qualifier, FunctionVersion=LATEST)
        return
    for _ in range(_MOST_VERSIONS):
        version = client.publish_version(FunctionName=arn.name)["Version"]
        if int(version) >= int(qualifier):
            return
        client.update_function_configuration(FunctionName=arn.name, Description=f"after version {version}")
