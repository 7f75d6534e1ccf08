"""What invokes the functions of an app, and whether it waits for the response."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from ._finding import PropertyPath
from ._flow import Caller, Rule, Subscription
from ._reading import items, member, named_arn, place_of, text
from ._resolved import Resource

# By the principal of a permission: https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html
_ASYNCHRONOUS = {
    "apigateway": False, "cloudformation": True, "codecommit": True, "cognito-idp": False, "config": True,
    "elasticloadbalancing": False, "events": True, "iot": True, "lex": False, "lexv2": False, "logs": True, "s3": True,
    "ses": True, "sns": True, "alexa-appkit": False, "alexa-connectedhome": False,
}  # fmt: skip
_INTEGRATION = "/invocations"


def callers_of(
    kinds: dict[str, list[Resource]], rules: tuple[Rule, ...], subscriptions: tuple[Subscription, ...]
) -> Iterator[Caller]:
    """Find every caller that the templates show."""
    for rule in rules:
        for index, target in enumerate(rule.targets):
            if _is_function(target.arn):
                yield _caller(rule.resource, ("Targets", index, "Arn"), target.arn, "events", rule.arn)
    for each in subscriptions:
        if each.protocol == "lambda":
            yield _caller(each.resource, ("Endpoint",), each.endpoint, "sns", each.topic_arn)
    for kind, find in _FINDERS.items():
        for resource in kinds[kind]:
            yield from find(resource)


def _is_function(arn: str) -> bool:
    return arn.split(":")[2:3] == ["lambda"]


def _caller(each: Resource, path: PropertyPath, arn: str, service: str, source: str | None) -> Caller:
    known = {"dynamodb": False, "kafka": False, "kinesis": False, "mq": False, "sqs": False, "url": False}
    return Caller(
        resource=each,
        path=("Resources", each.logical_id, "Properties", *path),
        function_arn=arn,
        service=service,
        asynchronous=(known | _ASYNCHRONOUS).get(service),
        source_arn=source,
    )


def _mapping(each: Resource) -> Iterator[Caller]:
    source = text(each.properties.get("EventSourceArn"))
    service = [*source.split(":"), "", ""][2] or "kafka"
    arn = named_arn(text(each.properties.get("FunctionName")), place_of(each))
    yield replace(_caller(each, ("FunctionName",), arn, service, source or None), asynchronous=False)


def _url(each: Resource) -> Iterator[Caller]:
    arn = named_arn(text(each.properties.get("TargetFunctionArn")), place_of(each))
    qualifier = text(each.properties.get("Qualifier"))
    yield _caller(each, ("TargetFunctionArn",), f"{arn}:{qualifier}" if qualifier else arn, "url", None)


def _permission(each: Resource) -> Iterator[Caller]:
    arn = named_arn(text(each.properties.get("FunctionName")), place_of(each))
    principal = text(each.properties.get("Principal"))
    service = principal.split(".")[0] if principal.endswith((".amazonaws.com", ".amazonaws.com.cn")) else principal
    yield _caller(each, ("Principal",), arn, service, text(each.properties.get("SourceArn")) or None)


def _method(each: Resource) -> Iterator[Caller]:
    yield from _integration(each, each.properties.get("Integration"), ("Integration", "Uri"))


def _http(each: Resource) -> Iterator[Caller]:
    yield from _integration(each, each.properties, ("IntegrationUri",))


def _integration(each: Resource, holder: Any, path: PropertyPath) -> Iterator[Caller]:
    uri = text(member(holder, str(path[-1])))
    arn = uri.split("/functions/", 1)[1].removesuffix(_INTEGRATION) if "/functions/" in uri else uri
    if _is_function(arn):
        given = member(holder, "RequestParameters")
        headers = {key.lower(): text(value) for key, value in given.items()} if isinstance(given, dict) else {}
        event = headers.get("integration.request.header.x-amz-invocation-type", "").strip("'").lower() == "event"
        yield replace(_caller(each, path, arn, "apigateway", None), asynchronous=event)


def _target_group(each: Resource) -> Iterator[Caller]:
    for index, one in enumerate(items(each.properties.get("Targets"))):
        arn = text(member(one, "Id"))
        if _is_function(arn):
            yield _caller(each, ("Targets", index, "Id"), arn, "elasticloadbalancing", None)


def _bucket(each: Resource) -> Iterator[Caller]:
    configured = items(member(each.properties, "NotificationConfiguration", "LambdaConfigurations"))
    for index, one in enumerate(configured):
        path = ("NotificationConfiguration", "LambdaConfigurations", index, "Function")
        yield _caller(each, path, text(member(one, "Function")), "s3", each.arn)


_FINDERS: dict[str, Callable[[Resource], Iterator[Caller]]] = {
    "AWS::Lambda::EventSourceMapping": _mapping,
    "AWS::Lambda::Url": _url,
    "AWS::Lambda::Permission": _permission,
    "AWS::ApiGateway::Method": _method,
    "AWS::ApiGatewayV2::Integration": _http,
    "AWS::ElasticLoadBalancingV2::TargetGroup": _target_group,
    "AWS::S3::Bucket": _bucket,
}
