"""Random graphs of functions, resources and options: ours makes the same templates as upstream."""

from dataclasses import dataclass
from typing import Any

import aws_cdk.aws_events as events
import aws_cdk.aws_lambda as lambda_
import aws_cdk.aws_lambda_destinations as upstream
import aws_cdk.aws_sns as sns
import aws_cdk.aws_sqs as sqs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lambda_destinations as ours
from parity.cases import KINDS
from support.cdk import PARITY, cdk, function, synthesize_with_tree

STACKS, RESOURCES, FUNCTIONS = 2, 2, 4


@dataclass(frozen=True)
class Aim:
    """A destination: its kind, the number of the resource, and whether the destination object is shared."""

    kind: str
    index: int
    shared: bool


@dataclass(frozen=True)
class Source:
    """A function or a qualifier of it, and its configuration."""

    stack: int
    through: str
    on_success: Aim | None
    on_failure: Aim | None
    retry_attempts: int | None
    age: int | None


aims = st.builds(
    Aim,
    kind=st.sampled_from(KINDS),
    index=st.integers(0, RESOURCES - 1),
    shared=st.booleans(),
)
sources = st.builds(
    Source,
    stack=st.integers(0, STACKS - 1),
    through=st.sampled_from(["function", "configured later", "version", "alias", "event invoke config"]),
    on_success=st.none() | aims,
    on_failure=st.none() | aims,
    retry_attempts=st.none() | st.integers(0, 2),
    age=st.none() | st.integers(60, 21600),
)


class Graph:
    """The sources and the resources; a resource is made in the stack of the first source that needs it."""

    def __init__(self, app: Any, d: Any, env: dict[str, str] | None) -> None:
        place = cdk.Environment(**env) if env else None
        self.stacks = [cdk.Stack(app, f"Stack{n}", env=place) for n in range(STACKS)]
        self.d = d
        self.resources: dict[tuple[str, int], Any] = {}
        self.instances: dict[Aim, Any] = {}

    def resource(self, stack: Any, kind: str, index: int) -> Any:
        make = {
            "sns": sns.Topic,
            "sqs": sqs.Queue,
            "bus": events.EventBus,
            "lambda": function,
        }[kind]
        if (kind, index) not in self.resources:
            self.resources[kind, index] = make(stack, f"{kind}{index}")
        return self.resources[kind, index]

    def destination(self, stack: Any, aim: Aim) -> Any:
        if aim.shared and aim in self.instances:
            return self.instances[aim]
        if aim.kind == "default bus":
            made = self.d.EventBridgeDestination()
        elif aim.kind == "bus":
            made = self.d.EventBridgeDestination(self.resource(stack, "bus", aim.index))
        elif aim.kind == "sns":
            made = self.d.SnsDestination(self.resource(stack, "sns", aim.index))
        elif aim.kind == "sqs":
            made = self.d.SqsDestination(self.resource(stack, "sqs", aim.index))
        else:
            target = self.resource(stack, "lambda", aim.index)
            made = self.d.LambdaDestination(target, response_only=aim.kind == "response only")
        return self.instances.setdefault(aim, made) if aim.shared else made

    def add(self, n: int, source: Source) -> None:
        stack = self.stacks[source.stack]
        options: dict[str, Any] = {"retry_attempts": source.retry_attempts}
        if source.age is not None:
            options["max_event_age"] = cdk.Duration.seconds(source.age)
        for side in ("on_success", "on_failure"):
            aim = getattr(source, side)
            if aim is not None:
                options[side] = self.destination(stack, aim)
        if source.through == "function":
            function(stack, f"Fn{n}", **options)
            return
        fn = function(stack, f"Fn{n}")
        if source.through == "configured later":
            fn.configure_async_invoke(**options)
        elif source.through == "event invoke config":
            lambda_.EventInvokeConfig(stack, f"Config{n}", function=fn, **options)
        elif source.through == "version":
            lambda_.Version(stack, f"Version{n}", lambda_=fn, **options)
        else:
            lambda_.Alias(stack, f"Alias{n}", alias_name="live", version=fn.current_version, **options)


def outcome(d: Any, sources: list[Source], env: dict[str, str] | None) -> Any:
    def build(app: Any) -> None:
        graph = Graph(app, d, env)
        for n, source in enumerate(sources):
            graph.add(n, source)

    qualified = {"version", "alias"}
    differs = any(
        source.through in qualified and aim and aim.kind == "response only"
        for source in sources
        for aim in (source.on_success, source.on_failure)
    )
    try:
        return synthesize_with_tree(build, context=PARITY if differs else None)
    except RuntimeError as error:  # jsii's, for everything that the CDK refuses
        return str(error)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    sources=st.lists(sources, min_size=1, max_size=FUNCTIONS),
    env=st.none() | st.just({"account": "111111111111", "region": "eu-west-1"}),
)
def test_a_random_graph_gives_the_same_as_upstream(sources, env):
    expected = outcome(upstream, sources, env)
    got = outcome(ours, sources, env)
    if isinstance(expected, str):
        assert expected.split("\n")[0] in got
    else:
        assert got == expected
