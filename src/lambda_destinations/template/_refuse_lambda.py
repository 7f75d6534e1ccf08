"""What Lambda refuses in a function and its asynchronous configuration, besides faults against the schemas."""

import re
from collections.abc import Iterator

from .. import _service
from ._flow import Destination, Flow, Function, InvokeConfig, Policy, Store
from ._reading import items, member, text
from ._refuse import Refused, at
from ._unknown import UNKNOWN, is_known

_PUT = "https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html"
_DEAD_LETTERS = "https://docs.aws.amazon.com/lambda/latest/api/API_DeadLetterConfig.html"
_ENVIRONMENT = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html"
_VARIABLES = "https://docs.aws.amazon.com/lambda/latest/api/API_Environment.html"
_VARIABLE = re.compile(r"[a-zA-Z][a-zA-Z0-9_]+")
_ROLE = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html"
# Those that users cannot set: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
_RESERVED = frozenset({
    "_HANDLER", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API", "AWS_REGION", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
})  # fmt: skip


def refuse_functions(flow: Flow) -> Iterator[Refused]:
    """Judge dead-letter targets, environments and who may assume the role."""
    for function in flow.functions:
        resource = function.resource
        variables = member(resource.properties, "Environment", "Variables")
        for name in variables if isinstance(variables, dict) else ():
            if name in _RESERVED:
                yield Refused(
                    "reserved-variable", resource, at(resource, "Environment", "Variables", name),
                    f"the environment sets {name}, which Lambda keeps for itself: use another name", _ENVIRONMENT,
                )  # fmt: skip
            elif is_known(name) and not _VARIABLE.fullmatch(name):
                yield Refused(
                    "variable-name", resource, at(resource, "Environment", "Variables", name),
                    f"the environment has the name {name!r}, Lambda takes two or more letters, digits and underscores, "
                    "a letter first: use another name", _VARIABLES,
                )  # fmt: skip
        yield from _dead_letters(flow, function)
        if function.role is not None and _never_assumed(function.role.trust):
            yield Refused(
                "role-not-assumable", resource, at(resource, "Role"),
                f"the role {function.role.resource.construct} cannot be assumed by Lambda: let lambda.amazonaws.com "
                "assume it in its trust policy", _ROLE,
            )  # fmt: skip


def _dead_letters(flow: Flow, function: Function) -> Iterator[Refused]:
    arn = function.dead_letter_arn
    if arn is None or not is_known(_head(arn)):
        return
    resource, path, name = function.resource, function.dead_letter_path, _name(flow, arn)
    if _head(arn) not in _service.DEAD_LETTER_SERVICES:
        yield Refused(
            "dead-letter-kind", resource, path,
            f"{name} is not a queue or topic, and Lambda sends dead letters only to these: use one", _DEAD_LETTERS,
        )  # fmt: skip
    elif _is_fifo(flow, arn):
        yield Refused(
            "fifo-dead-letter", resource, path,
            f"{name} is FIFO, which Lambda refuses for dead letters: use a standard one", _DEAD_LETTERS,
        )  # fmt: skip


def _never_assumed(trust: Policy) -> bool:
    """Tell whether a trust policy is known and never lets Lambda assume the role."""
    if not isinstance(trust.document, dict) or not is_known(trust.document):
        return False
    for statement in items(trust.document.get("Statement")):
        principal = member(statement, "Principal")
        services = member(principal, "Service")
        names = [services] if isinstance(services, str) else items(services)
        lets_in = (
            principal == "*" or member(statement, "NotPrincipal") is not None or "*" in items(member(principal, "AWS"))
        )
        lets_in = lets_in or member(principal, "AWS") == "*"
        lambda_ = any(text(name) in {"*", "lambda.amazonaws.com", "lambda.amazonaws.com.cn"} for name in names)
        if text(member(statement, "Effect")) == "Allow" and (lets_in or lambda_):
            return False
    return True


def refuse_configs(flow: Flow) -> Iterator[Refused]:
    """Judge the asynchronous configurations."""
    seen: dict[tuple[str, str], InvokeConfig] = {}
    for config in flow.configs:
        place = (config.function_arn, config.qualifier)
        earlier = seen.setdefault(place, config)
        certain = earlier.resource.certain and config.resource.certain
        if earlier is not config and certain and is_known(list(place)):
            yield Refused(
                "second-configuration", config.resource, at(config.resource, "Qualifier"),
                f"{_function_name(config)}:{config.qualifier} has a configuration already, "
                f"{earlier.resource.construct}: keep one of them", _PUT,
            )  # fmt: skip
        yield from _qualifier(config)
        for destination in config.destinations:
            yield from _destination(flow, config, destination)


def _function_name(config: InvokeConfig) -> str:
    return config.function.resource.construct if config.function else config.function_arn


def _qualifier(config: InvokeConfig) -> Iterator[Refused]:
    function, name = config.function, config.qualifier
    if function is None or not is_known(name) or name.startswith("$LATEST"):
        return
    names = [each.name for each in function.qualifiers]
    numbered = name.isdecimal() and any(each.isdecimal() for each in names)  # only the deployment gives its number
    if name not in names and not numbered and UNKNOWN not in "".join(names):
        yield Refused(
            "no-such-qualifier", config.resource, at(config.resource, "Qualifier"),
            f"{function.resource.construct} has no version or alias {name!r}: declare it, or use one of "
            f"{', '.join(each for each in names if not each.isdecimal())}", _PUT,
        )  # fmt: skip


def _destination(flow: Flow, config: InvokeConfig, destination: Destination) -> Iterator[Refused]:
    arn, path, resource = destination.arn, destination.path, config.resource
    head, name = _head(arn), _name(flow, arn)
    if not is_known(head):
        return
    if head not in _service.SERVICES or len(arn.split(":")) < 6:
        kinds = "a queue, topic, function, event bus or bucket"
        yield Refused(
            "not-a-destination", resource, path,
            f"{arn!r} is not the ARN of {kinds}: use one, for example by Fn::GetAtt with Arn", _PUT,
        )  # fmt: skip
        return
    if head in {"sqs", "sns"} and _is_fifo(flow, arn):
        yield Refused("fifo-destination", resource, path, _service.fifo(name), _PUT)
    if head == "s3" and destination.on == "OnSuccess":
        yield Refused("bucket-on-success", resource, path, _service.bucket_on_success(name), _PUT)
    if head == "lambda" and is_known(arn) and _whole(arn) == config.function_arn:
        yield Refused("own-destination", resource, path, _service.itself(name), _PUT)
    yield from _too_late(config, destination, head)


def _too_late(config: InvokeConfig, destination: Destination, service: str) -> Iterator[Refused]:
    """Find a configuration that is created before the policy that lets the role write to the destination."""
    role = config.function.role if config.function else None
    if role is None or role.managed_arns or role.boundary_arn:
        return
    granting = [each for each in role.policies if _mentions(each, service)]
    late = [
        each
        for each in granting
        if each.resource.stack_name == config.resource.stack_name and config.resource.logical_id in each.resource.needs
    ]
    if late and len(late) == len(granting):
        yield Refused(
            "policy-after-configuration", config.resource, destination.path,
            f"the role {role.resource.construct} gets its policy {late[0].resource.construct} after this "
            "configuration, and Lambda checks the role when the configuration is created: let the configuration "
            "depend on the policy", _PUT,
        )  # fmt: skip


def _mentions(policy: Policy, service: str) -> bool:
    """Tell whether a policy may allow an action of a service."""
    statements = items(member(policy.document, "Statement"))
    if not is_known(policy.document) or any(member(each, "NotAction") is not None for each in statements):
        return True
    allowing = [member(each, "Action") for each in statements if text(member(each, "Effect")) == "Allow"]
    actions = [text(one).lower() for each in allowing for one in ([each] if isinstance(each, str) else items(each))]
    return any(action.startswith((f"{service}:", "*")) for action in actions)


def _head(arn: str) -> str:
    parts = arn.split(":")
    return parts[2] if len(parts) > 2 and parts[0] == "arn" else "" if is_known(arn) else UNKNOWN


def _whole(arn: str) -> str:
    return ":".join(arn.split(":")[:7])


def _name(flow: Flow, arn: str) -> str:
    found = flow.at(arn)
    return arn if found is None else found.resource.construct


def _is_fifo(flow: Flow, arn: str) -> bool:
    found = flow.at(arn)
    return found.fifo if isinstance(found, Store) else arn.endswith(".fifo")
