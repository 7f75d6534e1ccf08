"""Configurations that never come into play, because nobody invokes what they are for, or nobody asynchronously."""

from collections.abc import Iterator

from ..policy import Request, decide
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
    """Find the configurations whose destinations never fire, as far as the app says who invokes."""
    for config in flow.configs:
        if config.function is None or not config.destinations or _others_may_invoke(flow, config):
            continue
        callers = [each for each in flow.callers if _whole(each.function_arn) == config.function_arn]
        arrivals = {_qualified(arn) for arn in _destinations(flow, config) if _whole(arn) == config.function_arn}
        if any(each.asynchronous is None or not each.resource.certain for each in callers):
            continue
        asynchronous = arrivals | {_qualified(each.function_arn) for each in callers if each.asynchronous}
        if asynchronous and config.qualified_arn not in asynchronous:
            names = " and ".join(sorted(f":{each.rsplit(':', 1)[-1]}" for each in asynchronous))
            yield finding(
                "never-qualifier",
                config.resource,
                ("Resources", config.resource.logical_id, "Properties", "Qualifier"),
                f"the configuration is for {config.qualifier}, but the app invokes {config.function.resource.construct} "
                f"as {names} only, so that its destinations never fire: configure the qualifier that is invoked",
            )
        elif callers and not asynchronous:
            names = " and ".join(sorted({_SYNCHRONOUS.get(each.service, each.service) for each in callers}))
            yield finding(
                "never-asynchronous",
                config.resource,
                ("Resources", config.resource.logical_id, "Properties", "DestinationConfig"),
                f"{config.function.resource.construct} is invoked by {names} only, which wait for the response, and "
                "destinations are for asynchronous invocations: use what the caller has for failures, or invoke it "
                "asynchronously",
            )


def _destinations(flow: Flow, wanted: InvokeConfig) -> set[str]:
    """Return the functions that records go to: each is an asynchronous invocation."""
    legs = Legs(flow)
    ways = ((config, way) for config in flow.configs for leg in legs.of(config) for way in leg.walk())
    return {
        way[-1].arn
        for config, way in ways
        if way[-1].service == "lambda"
        and way[-1].kind != CONSUMER
        and not (len(way) == 1 and config.function is wanted.function)  # itself, which Lambda refuses
    }


def _whole(arn: str) -> str:
    return ":".join(arn.split(":")[:7])


def _qualified(arn: str) -> str:
    return arn if len(arn.split(":")) > 7 else f"{arn}:$LATEST"


def _others_may_invoke(flow: Flow, config: InvokeConfig) -> bool:
    """Tell whether code of the app may invoke the function: then who does, and how, is not in the template."""
    for function in flow.functions:
        if function.role is None:
            continue
        if _may_invoke(function.role, function, config.qualified_arn) and not _hands_on(flow, function, config):
            return True
    return False


def _may_invoke(role: Role, function: Function, arn: str) -> bool:
    asked = decide(Request(principal(role, function), "lambda:InvokeFunction", arn))
    return not asked.denied


def _hands_on(flow: Flow, function: Function, config: InvokeConfig) -> bool:
    """Tell whether the permission is there for a destination."""
    mine = (each for other in flow.configs if other.function is function for each in other.destinations)
    return any(_whole(each.arn) == config.function_arn for each in mine)
