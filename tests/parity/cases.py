"""The apps for which ours and upstream's must agree: each is a function that takes an app and a destinations module."""

from typing import Any

import aws_cdk.aws_events as events
import aws_cdk.aws_iam as iam
import aws_cdk.aws_lambda as lambda_
import aws_cdk.aws_sns as sns
import aws_cdk.aws_sqs as sqs

from support.cdk import CDK_VERSION, cdk, function

IRELAND = {"account": "111111111111", "region": "eu-west-1"}
OHIO = {"account": "111111111111", "region": "us-east-2"}
ELSEWHERE = {"account": "222222222222", "region": "us-east-2"}
BEIJING = {"account": "111111111111", "region": "cn-north-1"}
GOVCLOUD = {"account": "111111111111", "region": "us-gov-west-1"}

KINDS = ["sns", "sqs", "default bus", "bus", "lambda", "response only"]


def env(place: dict[str, str]) -> Any:
    return cdk.Environment(**place)


def destination(stack: Any, d: Any, kind: str, name: str = "") -> Any:
    """Make a destination of that kind and the resource behind it."""
    if kind == "sns":
        return d.SnsDestination(sns.Topic(stack, f"Topic{name}"))
    if kind == "sqs":
        return d.SqsDestination(sqs.Queue(stack, f"Queue{name}"))
    if kind == "default bus":
        return d.EventBridgeDestination()
    if kind == "bus":
        return d.EventBridgeDestination(events.EventBus(stack, f"Bus{name}"))
    target = function(stack, f"Target{name}")
    return d.LambdaDestination(target, response_only=True) if kind == "response only" else d.LambdaDestination(target)


def on_success(app: Any, d: Any, kind: str) -> None:
    stack = cdk.Stack(app, "Stack")
    function(stack, "Fn", on_success=destination(stack, d, kind))


def on_failure(app: Any, d: Any, kind: str) -> None:
    stack = cdk.Stack(app, "Stack")
    function(stack, "Fn", on_failure=destination(stack, d, kind))


def on_both(app: Any, d: Any, kind: str) -> None:
    stack = cdk.Stack(app, "Stack")
    function(
        stack, "Fn", on_success=destination(stack, d, kind, "Ok"), on_failure=destination(stack, d, kind, "Failed")
    )


def same_instance_on_both(app: Any, d: Any, kind: str) -> None:
    stack = cdk.Stack(app, "Stack")
    shared = destination(stack, d, kind)
    function(stack, "Fn", on_success=shared, on_failure=shared)


def same_instance_on_several_functions(app: Any, d: Any, kind: str) -> None:
    stack = cdk.Stack(app, "Stack")
    shared = destination(stack, d, kind)
    for name in ("One", "Two", "Three"):
        function(stack, name, on_success=shared, on_failure=shared)


def retry_attempts_and_event_age(app: Any, d: Any, kind: str) -> None:
    stack = cdk.Stack(app, "Stack")
    function(
        stack,
        "Fn",
        on_failure=destination(stack, d, kind),
        retry_attempts=0,
        max_event_age=cdk.Duration.hours(1),
    )


def alias_and_version(app: Any, d: Any, kind: str) -> None:
    stack = cdk.Stack(app, "Stack")
    fn = function(stack, "Fn")
    version = lambda_.Version(stack, "Version", lambda_=fn, on_success=destination(stack, d, kind, "OfVersion"))
    lambda_.Alias(stack, "Alias", alias_name="live", version=version, on_failure=destination(stack, d, kind, "OfAlias"))


def configured_later(app: Any, d: Any, kind: str) -> None:
    stack = cdk.Stack(app, "Stack")
    function(stack, "Fn").configure_async_invoke(on_success=destination(stack, d, kind), retry_attempts=1)


def event_invoke_config(app: Any, d: Any, kind: str) -> None:
    stack = cdk.Stack(app, "Stack")
    lambda_.EventInvokeConfig(
        stack, "Config", function=function(stack, "Fn"), on_failure=destination(stack, d, kind), qualifier="live"
    )


def concrete_environment(app: Any, d: Any, kind: str) -> None:
    stack = cdk.Stack(app, "Stack", env=env(IRELAND))
    function(stack, "Fn", on_success=destination(stack, d, kind))


def china(app: Any, d: Any, kind: str) -> None:
    stack = cdk.Stack(app, "Stack", env=env(BEIJING))
    function(stack, "Fn", on_success=destination(stack, d, kind))


def govcloud(app: Any, d: Any, kind: str) -> None:
    stack = cdk.Stack(app, "Stack", env=env(GOVCLOUD))
    function(stack, "Fn", on_failure=destination(stack, d, kind))


def other_stack(app: Any, d: Any, kind: str) -> None:
    shared = cdk.Stack(app, "Shared")
    function(cdk.Stack(app, "Stack"), "Fn", on_success=destination(shared, d, kind))


def nested_stack(app: Any, d: Any, kind: str) -> None:
    stack = cdk.Stack(app, "Stack")
    inner = cdk.NestedStack(stack, "Inner")
    function(inner, "Fn", on_success=destination(stack, d, kind, "Outer"), on_failure=destination(inner, d, kind))
    function(stack, "Outer", on_failure=destination(inner, d, kind, "Inner"))


def two_environments(app: Any, d: Any, kind: str) -> None:
    for place in (IRELAND, OHIO):
        stack = cdk.Stack(app, f"Stack-{place['region']}", env=env(place))
        function(stack, "Fn", on_success=destination(stack, d, kind))


def function_of_a_stage(app: Any, d: Any, kind: str) -> None:
    stack = cdk.Stack(cdk.Stage(app, "Prod", env=env(IRELAND)), "Stack")
    function(stack, "Fn", on_success=destination(stack, d, kind), on_failure=destination(stack, d, kind, "Failed"))


def subclass_of_a_destination(app: Any, d: Any, kind: str) -> None:
    kept = destination(cdk.Stack(app, "Kept"), d, kind)

    class Counting(type(kept)):  # type: ignore[misc]
        bound = 0

        def bind(self, scope: Any, fn: Any, *, type: Any) -> Any:
            Counting.bound += 1
            return super().bind(scope, fn, type=type)

    stack = cdk.Stack(app, "Stack")
    if kind in ("default bus", "bus"):
        mine = Counting(None if kind == "default bus" else events.EventBus(stack, "Bus"))
    elif kind == "sns":
        mine = Counting(sns.Topic(stack, "Topic"))
    elif kind == "sqs":
        mine = Counting(sqs.Queue(stack, "Queue"))
    else:
        mine = Counting(function(stack, "Target"), response_only=kind == "response only")
    function(stack, "Fn", on_success=mine, on_failure=mine)
    assert Counting.bound == 2


FOR_EVERY_KIND = [
    on_success,
    on_failure,
    on_both,
    same_instance_on_both,
    same_instance_on_several_functions,
    retry_attempts_and_event_age,
    alias_and_version,
    configured_later,
    event_invoke_config,
    concrete_environment,
    china,
    govcloud,
    other_stack,
    nested_stack,
    two_environments,
    function_of_a_stage,
    subclass_of_a_destination,
]


def role(stack: Any) -> Any:
    """Make a role with its own name, so that other environments can refer to it."""
    return iam.Role(stack, "Role", role_name="source-role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))


def same_environment(stack: Any, id: str) -> Any:
    arn = f"arn:aws:lambda:eu-west-1:111111111111:function:{id}"
    return lambda_.Function.from_function_attributes(stack, id, function_arn=arn, same_environment=True)


def several_instances_for_one_resource(app: Any, d: Any) -> None:
    stack = cdk.Stack(app, "Stack")
    topic, queue, bus = sns.Topic(stack, "Topic"), sqs.Queue(stack, "Queue"), events.EventBus(stack, "Bus")
    target = function(stack, "Target")
    function(stack, "A", on_success=d.SnsDestination(topic), on_failure=d.SnsDestination(topic))
    function(stack, "B", on_success=d.SqsDestination(queue), on_failure=d.SqsDestination(queue))
    function(stack, "C", on_success=d.EventBridgeDestination(bus), on_failure=d.EventBridgeDestination(bus))
    function(stack, "D", on_success=d.LambdaDestination(target), on_failure=d.LambdaDestination(target))


def response_only_to_one_target_from_several(app: Any, d: Any) -> None:
    stack = cdk.Stack(app, "Stack")
    target = function(stack, "Target")
    for name in ("One", "Two"):
        function(
            stack,
            name,
            on_success=d.LambdaDestination(target, response_only=True),
            on_failure=d.LambdaDestination(target, response_only=True),
        )


def response_only_false(app: Any, d: Any) -> None:
    stack = cdk.Stack(app, "Stack")
    function(stack, "Fn", on_success=d.LambdaDestination(function(stack, "Target"), response_only=False))


def response_only_and_the_default_bus(app: Any, d: Any) -> None:
    stack = cdk.Stack(app, "Stack")
    function(
        stack,
        "Fn",
        on_success=d.LambdaDestination(function(stack, "Target"), response_only=True),
        on_failure=d.EventBridgeDestination(),
    )


def chain_three_deep(app: Any, d: Any) -> None:
    stack = cdk.Stack(app, "Stack")
    third = function(stack, "Third")
    second = function(stack, "Second", on_success=d.LambdaDestination(third, response_only=True))
    function(
        stack,
        "First",
        on_success=d.LambdaDestination(second, response_only=True),
        on_failure=d.LambdaDestination(third, response_only=True),
    )


def imported_destinations(app: Any, d: Any) -> None:
    stack = cdk.Stack(app, "Stack")
    arn = "arn:aws:{}:eu-west-1:111111111111:{}".format
    function(stack, "A", on_success=d.SnsDestination(sns.Topic.from_topic_arn(stack, "T", arn("sns", "topic"))))
    function(stack, "B", on_success=d.SqsDestination(sqs.Queue.from_queue_arn(stack, "Q", arn("sqs", "queue"))))
    bus = events.EventBus.from_event_bus_arn(stack, "E", arn("events", "event-bus/bus"))
    function(stack, "C", on_failure=d.EventBridgeDestination(bus))
    named = events.EventBus.from_event_bus_attributes(
        stack, "N", event_bus_arn=arn("events", "event-bus/other"), event_bus_name="other", event_bus_policy=""
    )
    function(stack, "D", on_failure=d.EventBridgeDestination(named))
    target = same_environment(stack, "F")
    function(stack, "G", on_success=d.LambdaDestination(target), on_failure=d.LambdaDestination(target))


def response_only_to_an_imported_function(app: Any, d: Any) -> None:
    stack = cdk.Stack(app, "Stack", env=env(IRELAND))
    target = lambda_.Function.from_function_arn(stack, "F", "arn:aws:lambda:eu-west-1:111111111111:function:target")
    function(stack, "Fn", on_success=d.LambdaDestination(target, response_only=True))
    function(stack, "Gn", on_failure=d.LambdaDestination(same_environment(stack, "S"), response_only=True))


def response_only_to_an_alias_and_a_version(app: Any, d: Any) -> None:
    stack = cdk.Stack(app, "Stack")
    version = function(stack, "Target").current_version
    alias = lambda_.Alias(stack, "Alias", alias_name="live", version=version)
    function(
        stack,
        "Fn",
        on_success=d.LambdaDestination(alias, response_only=True),
        on_failure=d.LambdaDestination(version, response_only=True),
    )
    function(stack, "Gn", on_success=d.LambdaDestination(alias), on_failure=d.LambdaDestination(version))


def target_in_another_account(app: Any, d: Any) -> None:
    there, here = cdk.Stack(app, "There", env=env(ELSEWHERE)), cdk.Stack(app, "Here", env=env(IRELAND))
    target = function(there, "Target", function_name="target")
    named = {"function_name": "source", "role": role(here)}
    function(here, "Fn", on_success=d.LambdaDestination(target, response_only=True), **named)
    function(here, "Gn", on_success=d.LambdaDestination(target), role=named["role"])


def target_in_another_region(app: Any, d: Any) -> None:
    there, here = cdk.Stack(app, "There", env=env(OHIO)), cdk.Stack(app, "Here", env=env(IRELAND))
    target = function(there, "Target", function_name="target")
    named = {"function_name": "source", "role": role(here)}
    function(here, "Fn", on_failure=d.LambdaDestination(target, response_only=True), **named)
    function(here, "Gn", on_failure=d.LambdaDestination(target), role=named["role"])


def bind_by_hand_to_one_scope(app: Any, d: Any) -> None:
    stack = cdk.Stack(app, "Stack")
    bus = d.EventBridgeDestination()
    for name in ("One", "Two"):
        config = bus.bind(stack, function(stack, name), type=lambda_.DestinationType.SUCCESS)
        cdk.CfnOutput(stack, f"{name}Bus", value=config.destination)


def a_thousand_resources_less(app: Any, d: Any) -> None:
    """Every kind on success with every kind on failure, in one stack."""
    stack = cdk.Stack(app, "Stack")
    made = [destination(stack, d, kind, str(n)) for n, kind in enumerate(KINDS)]
    for n, ok in enumerate(made):
        for m, failed in enumerate(made):
            function(stack, f"Fn{n}{m}", on_success=ok, on_failure=failed)


CASES = [
    several_instances_for_one_resource,
    response_only_to_one_target_from_several,
    response_only_false,
    response_only_and_the_default_bus,
    chain_three_deep,
    imported_destinations,
    response_only_to_an_imported_function,
    response_only_to_an_alias_and_a_version,
    target_in_another_account,
    target_in_another_region,
    bind_by_hand_to_one_scope,
    a_thousand_resources_less,
]


def source_imported_with_its_role(app: Any, d: Any) -> None:
    stack = cdk.Stack(app, "Stack")
    for n, kind in enumerate(KINDS):
        arn = f"arn:aws:lambda:eu-west-1:111111111111:function:{n}"
        lender = iam.Role.from_role_arn(stack, f"Role{n}", f"arn:aws:iam::111111111111:role/{n}")
        fn = lambda_.Function.from_function_attributes(stack, f"Fn{n}", function_arn=arn, role=lender)
        lambda_.EventInvokeConfig(stack, f"Config{n}", function=fn, on_failure=destination(stack, d, kind, str(n)))


CASES.append(source_imported_with_its_role)


def source_imported_without_a_role(app: Any, d: Any) -> None:
    stack = cdk.Stack(app, "Stack")
    fn = lambda_.Function.from_function_arn(stack, "Fn", "arn:aws:lambda:eu-west-1:111111111111:function:imported")
    lambda_.EventInvokeConfig(stack, "Config", function=fn, on_failure=destination(stack, d, "sns"))


def too_many_retry_attempts(app: Any, d: Any) -> None:
    function(cdk.Stack(app, "Stack"), "Fn", on_failure=d.EventBridgeDestination(), retry_attempts=3)


def configured_twice(app: Any, d: Any) -> None:
    fn = function(cdk.Stack(app, "Stack"), "Fn", on_failure=d.EventBridgeDestination())
    fn.configure_async_invoke(on_success=d.EventBridgeDestination())


def response_only_to_an_imported_function_elsewhere(app: Any, d: Any) -> None:
    stack = cdk.Stack(app, "Stack", env=env(IRELAND))
    target = lambda_.Function.from_function_arn(stack, "F", "arn:aws:lambda:us-east-2:222222222222:function:target")
    function(stack, "Fn", on_success=d.LambdaDestination(target, response_only=True))


REFUSED = [source_imported_without_a_role, too_many_retry_attempts, configured_twice]

# CDK 1.114 does not know where an imported function is, and writes a rule that crosses accounts.
(CASES if CDK_VERSION < (1, 200) else REFUSED).append(response_only_to_an_imported_function_elsewhere)
