"""Configurations that never have an effect: nothing invokes their qualifier, or nothing does it asynchronously."""

from collections.abc import Iterator

from ..policy import UNKNOWN, Request, decide
from ..template import Finding, Flow, Function, InvokeConfig, Role
from ._legs import CONSUMER, Legs
from ._permissions import principal
from ._say import finding

_SYNCHRONOUS = {
    "apigateway": "API Gateway",
    "cognito-idp": "Cognito",
    "dynamodb": "a DynamoDB stream",
    "elasticloadbalancing": "a load balancer",
    "kafka": "Kafka",
    "kinesis": "a Kinesis stream",
    "lambda": "a function URL",
    "mq": "a message broker",
    "sqs": "an SQS queue",
    "states": "Step Functions",
}


def never(flow: Flow) -> Iterator[Finding]:
    """Find the configurations whose destinations never fire, as far as the app shows who invokes."""
    reached = list(_destinations(flow))
    any_function = f"arn:{UNKNOWN}:lambda:{UNKNOWN}:{UNKNOWN}:function:{UNKNOWN}"
    invokers = [each for each in flow.functions if each.role is not None and _may_invoke(each.role, each, any_function)]
    for config in flow.configs:
        if config.function is None or not config.destinations or _others_may_invoke(flow, config, invokers):
            continue
        callers = [each for each in flow.callers if _whole(each.function_arn) == config.function_arn]
        if any(each.asynchronous is None or not each.resource.certain for each in callers):
            continue
        asynchronous = {_qualified(arn) for source, arn in reached if _whole(arn) == config.function_arn != source}
        asynchronous |= {_qualified(each.function_arn) for each in callers if each.asynchronous}
        if asynchronous and config.qualified_arn not in asynchronous:
            yield _other_qualifier(config, config.function, asynchronous)
        elif callers and not asynchronous:
            yield _synchronous(config, config.function, {each.service for each in callers})


def _other_qualifier(config: InvokeConfig, function: Function, asynchronous: set[str]) -> Finding:
    names = " and ".join(sorted(f":{each.rsplit(':', 1)[-1]}" for each in asynchronous))
    return finding(
        "never-qualifier",
        config.resource,
        ("Resources", config.resource.logical_id, "Properties", "Qualifier"),
        f"the configuration is for {config.qualifier}, but the app invokes {function.resource.construct} as {names} "
        "only, so that its destinations never fire: configure the qualifier that is invoked",
    )


def _synchronous(config: InvokeConfig, function: Function, services: set[str]) -> Finding:
    names = " and ".join(sorted(_SYNCHRONOUS.get(each, each) for each in services))
    return finding(
        "never-asynchronous",
        config.resource,
        ("Resources", config.resource.logical_id, "Properties", "DestinationConfig"),
        f"{function.resource.construct} is invoked by {names} only, which wait for the response, and destinations are "
        "for asynchronous invocations: use what the caller has for failures, or invoke it asynchronously",
    )


def _destinations(flow: Flow) -> Iterator[tuple[str, str]]:
    """Return pairs of a sender and the function that its records invoke asynchronously.

    The sender is the ARN of the function for a direct destination, because Lambda refuses a function as its own direct
    destination. Otherwise it is "".
    """
    legs = Legs(flow)
    for config in flow.configs:
        for leg in legs.of(config):
            for way in leg.walk():
                if way[-1].service == "lambda" and way[-1].kind != CONSUMER:
                    yield config.function_arn if len(way) == 1 else "", way[-1].arn


def _whole(arn: str) -> str:
    return ":".join(arn.split(":")[:7])


def _qualified(arn: str) -> str:
    return arn if len(arn.split(":")) > 7 else f"{arn}:$LATEST"


def _others_may_invoke(flow: Flow, config: InvokeConfig, invokers: list[Function]) -> bool:
    """Tell whether code of the app may invoke the function. Then the template does not show who does it, and how."""
    return any(
        each.role is not None
        and _may_invoke(each.role, each, config.qualified_arn)
        and not _hands_on(flow, each, config)
        for each in invokers
    )


def _may_invoke(role: Role, function: Function, arn: str) -> bool:
    asked = decide(Request(principal(role, function), "lambda:InvokeFunction", arn))
    return not asked.denied


def _hands_on(flow: Flow, function: Function, config: InvokeConfig) -> bool:
    """Tell whether a function may invoke the other one because that is its destination."""
    mine = (each for other in flow.configs if other.function is function for each in other.destinations)
    return any(_whole(each.arn) == config.function_arn for each in mine)
