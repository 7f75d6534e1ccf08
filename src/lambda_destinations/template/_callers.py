"""What invokes a function of the app, and whether it waits for the answer."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ._finding import PropertyPath
from ._flow import Caller, Rule, Subscription
from ._reading import items, member, named_arn, place_of, text
from ._resolved import Resource

# https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html, by the principal that a permission lets in
_ASYNCHRONOUS = {
    "apigateway": False, "cloudformation": True, "codecommit": True, "cognito-idp": False, "config": True,
    "elasticloadbalancing": False, "events": True, "iot": True, "lex": False, "lexv2": False, "logs": True, "s3": True,
    "ses": True, "sns": True, "alexa-appkit": False, "alexa-connectedhome": False,
}  # fmt: skip
_INTEGRATION = "/invocations"


def callers_of(
    kinds: dict[str, list[Resource]], rules: tuple[Rule, ...], subscriptions: tuple[Subscription, ...]
) -> Iterator[Caller]:
    """Find every caller that a template shows."""
    for rule in rules:
        yield from _rule(rule)
    for each in subscriptions:
        if each.protocol == "lambda":
            yield _caller(each.resource, ("Endpoint",), each.endpoint, "sns", each.topic_arn)
    yield from map(_mapping, kinds["AWS::Lambda::EventSourceMapping"])
    yield from map(_url, kinds["AWS::Lambda::Url"])
    yield from map(_permission, kinds["AWS::Lambda::Permission"])
    for each_api in (*kinds["AWS::ApiGateway::Method"], *kinds["AWS::ApiGatewayV2::Integration"]):
        yield from _integration(each_api)
    for group in kinds["AWS::ElasticLoadBalancingV2::TargetGroup"]:
        yield from _target_group(group)
    yield from _buckets(kinds["AWS::S3::Bucket"])


def _rule(rule: Rule) -> Iterator[Caller]:
    for target in rule.targets:
        if _is_function(target.arn):
            yield Caller(
                resource=rule.resource,
                path=(*target.path, "Arn"),
                function_arn=target.arn,
                service="events",
                asynchronous=True,
                source_arn=rule.arn,
            )


def _url(each: Resource) -> Caller:
    arn = named_arn(text(each.properties.get("TargetFunctionArn")), place_of(each))
    qualifier = text(each.properties.get("Qualifier"))
    return _caller(each, ("TargetFunctionArn",), f"{arn}:{qualifier}" if qualifier else arn, "url", None)


def _target_group(each: Resource) -> Iterator[Caller]:
    for index, one in enumerate(items(each.properties.get("Targets"))):
        if _is_function(text(member(one, "Id"))):
            path = ("Targets", index, "Id")
            yield _caller(each, path, text(member(one, "Id")), "elasticloadbalancing", None)


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


def _mapping(each: Resource) -> Caller:
    source = text(each.properties.get("EventSourceArn"))
    service = [*source.split(":"), "", "", ""][2] or "kafka"
    arn = named_arn(text(each.properties.get("FunctionName")), place_of(each))
    caller = _caller(each, ("FunctionName",), arn, service, source or None)
    return replace(caller, asynchronous=False)


def _permission(each: Resource) -> Caller:
    arn = named_arn(text(each.properties.get("FunctionName")), place_of(each))
    principal = text(each.properties.get("Principal"))
    service = principal.split(".")[0] if principal.endswith((".amazonaws.com", ".amazonaws.com.cn")) else principal
    return _caller(each, ("Principal",), arn, service, text(each.properties.get("SourceArn")) or None)


def _integration(each: Resource) -> Iterator[Caller]:
    within = each.type == "AWS::ApiGateway::Method"
    holder: Any = each.properties.get("Integration") if within else each.properties
    name = "Uri" if within else "IntegrationUri"
    uri = text(member(holder, name))
    arn = uri.split("/functions/", 1)[1].removesuffix(_INTEGRATION) if "/functions/" in uri else uri
    if _is_function(arn):
        given: Any = member(holder, "RequestParameters")
        given = given if isinstance(given, dict) else {}
        headers = {text(key).lower(): text(value) for key, value in given.items()}
        event = headers.get("integration.request.header.x-amz-invocation-type", "").strip("'").lower() == "event"
        caller = _caller(each, ("Integration", name) if within else (name,), arn, "apigateway", None)
        yield replace(caller, asynchronous=event)


def _buckets(buckets: list[Resource]) -> Iterator[Caller]:
    for each in buckets:
        configured = items(member(each.properties, "NotificationConfiguration", "LambdaConfigurations"))
        for index, one in enumerate(configured):
            path = ("NotificationConfiguration", "LambdaConfigurations", index, "Function")
            yield _caller(each, path, text(member(one, "Function")), "s3", each.arn)
