"""A deployed app, and its resources by the names that its author gave them."""

import difflib
import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from .._service import MAX_PAYLOAD
from ..errors import InvalidPayload, UnknownName
from ._arn import LATEST, Arn
from ._closed_at_end import ClosedAtEnd
from ._deploy._resource import Resource
from ._deploy._seeds import Seeds
from ._deploy._stacks import DeployedStack, delete_stack
from ._deploy._stand_ins import StandIns
from ._environment import Environment
from ._flow._calls import CallCatcher
from ._flow._chain import Chain
from ._flow._clock import Clock
from ._flow._runner import Runner
from ._flow._shadows import release
from ._result._tree import Run, Target

_HASH_SUFFIX = re.compile("(?<=.)[0-9A-F]{8}$")  # the CDK adds it to a logical id
DEFAULT_PAYLOAD = b"{}"
_INVOCABLE = {"AWS::Lambda::Alias", "AWS::Lambda::Function", "AWS::Lambda::Version"}


class App(ClosedAtEnd):
    """A deployed app, as `LocalAws.deploy` returns it. Several threads may invoke its functions at once."""

    def __init__(  # noqa: PLR0913, PLR0917  (only LocalAws calls it)
        self,
        environment_of: Callable[[str], Environment],
        guarded: Callable[[], AbstractContextManager[None]],
        stand_ins: StandIns,
        watch: Callable[[Run], object],
        catcher: CallCatcher | None = None,
        tell: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._clock, self._catcher, self._tell = Clock(), catcher, tell
        self._environment_of, self._guarded = environment_of, guarded
        self._stand_ins, self._watch = stand_ins, watch
        self._notes: list[str] = []
        self.seeds = Seeds()
        self._stacks: list[DeployedStack] = []
        self._names: dict[str, set[str]] = {}

    def _add(self, stack: DeployedStack) -> None:
        """Add a deployed stack, so that its resources can be found by their names."""
        self._stacks.append(stack)
        self._register(stack)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out of the deployment, and what cannot run here, as sentences."""
        return (*self._notes, *(note for stack in self._stacks for note in stack.notes))

    def say(self, *notes: str) -> None:
        """Add notes to those of the stacks."""
        self._notes += notes

    def _register(self, stack: DeployedStack) -> None:
        env = stack.env
        env.refusals |= stack.refusals
        env.wrapped |= stack.wrapped
        for resource in stack.resources:
            if resource.arn is None:
                continue
            names = _names(resource)
            env.targets[resource.arn] = Target(arn=resource.arn, label=_label(resource), names=names)
            if resource.type in _INVOCABLE:
                for name in names:
                    self._names.setdefault(name, set()).add(resource.arn)

    @property
    def paths(self) -> dict[str, str]:
        """The construct path of each resource that has an ARN."""
        return {each.arn: each.path for stack in self._stacks for each in stack.resources if each.arn}

    @property
    def _deployed_functions(self) -> list[tuple[Environment, str]]:
        """Environment and name of each function of the app."""
        return [
            (stack.env, resource.physical_id)
            for stack in self._stacks
            for resource in stack.resources
            if resource.type == "AWS::Lambda::Function"
        ]

    def resource(self, name: str) -> Resource:
        """A deployed resource.

        :param name: its logical id, construct path or the end of one
        :raises UnknownName: if no resource has this name, or more than one
        """
        resources = [each for stack in self._stacks for each in stack.resources]
        found = [each for each in resources if name in {each.logical_id, each.path}]
        found = found or [each for each in resources if each.path.endswith(f"/{name}")]
        if len(found) != 1:
            known = ", ".join(sorted(each.path for each in resources))
            raise UnknownName(f"{len(found)} resources are called {name!r}; the resources are: {known}")
        return found[0]

    @property
    def functions(self) -> list[str]:
        """The construct paths of the functions, aliases and versions that can be invoked."""
        return sorted(
            resource.path for stack in self._stacks for resource in stack.resources if resource.type in _INVOCABLE
        )

    def invoke(self, function: str, payload: Any = DEFAULT_PAYLOAD, *, real_time: bool = False) -> Run:
        """Invoke a function asynchronously, as Lambda would, and follow its record to the end.

        :param function: logical id, construct path or the end of one, function name or ARN, each with `:qualifier` if
            needed; or the construct of an alias or version
        :param payload: any JSON value; `bytes` are JSON text, which is sent as it is
        :param real_time: wait between attempts as long as Lambda does; by default this time is skipped as soon as all
            invocations of the app are waiting
        :raises UnknownName: if the app does not have the function
        :raises InvalidPayload: if the payload is not JSON or is too large
        :raises EngineError: if the engine fails
        """
        text = payload_text(payload)
        with self._guarded(), self._clock.running():
            arn = self._arn(function)
            runner = Runner(
                self._environment_of,
                self._clock,
                real_time=real_time,
                catcher=self._catcher,
                require_name=self._require_name,
                tell=self._tell,
            )
            run = runner.run(arn, text, Chain())
        self._watch(run)
        return run

    def _require_name(self, name: str) -> None:
        """Raise UnknownName unless a resource of the app, or a target that it sends to, has this name."""
        known = self._known_names()
        base = name.rpartition(":")[0]
        if name in known or (base and base in self._names):
            return
        close = difflib.get_close_matches(name, known, n=5)
        said = (
            f"close to it: {', '.join(close)}" if close else f"the resources are: {', '.join(sorted(self._labels()))}"
        )
        raise UnknownName(f"nothing in the app is called {name!r}; {said}")

    def _known_names(self) -> set[str]:
        found = {name for stack in self._stacks for each in stack.env.targets.values() for name in each.names}
        for env, function in self._deployed_functions:
            arns = [env.dead_letters.get(function)]
            for config in env.configs(function).values():
                arns += [config.on_success, config.on_failure]
            for arn in filter(None, arns):
                found |= self._environment_of(arn).target(arn).names
        for stack in self._stacks:
            for arn in stack.env.stand_ins:
                found |= stack.env.target(arn).names
        return found

    def _labels(self) -> set[str]:
        return {each.path for stack in self._stacks for each in stack.resources if each.arn is not None}

    def _arn(self, name: str) -> str:
        found, base, qualifier = self._names.get(name), name, ""
        if found is None and ":" in name:
            base, _, asked = name.rpartition(":")
            found, qualifier = self._names.get(base), f":{asked}"
        if found is None:
            close = difflib.get_close_matches(name, [*self._names, *self.functions], n=5)
            known = ", ".join(dict.fromkeys(close)) or ", ".join(self.functions) or "none"
            raise UnknownName(
                f"there is no function {name!r}; {'close to it' if close else 'the functions are'}: {known}"
            )
        if len(found) > 1:
            raise UnknownName(
                f"{name!r} names {len(found)} functions: {', '.join(sorted(found))}; give the construct path"
            )
        arn = next(iter(found))
        if qualifier and arn.endswith(qualifier):
            qualifier = ""  # the construct of an alias already includes its qualifier
        elif qualifier and Arn.parse(arn).qualifier is not None:
            raise UnknownName(f"there is no {name!r}: {base} is an alias or a version; leave out {qualifier}")
        arn += qualifier
        if qualifier:
            self._require_qualifier(arn, name)
        return arn

    def _require_qualifier(self, text: str, name: str) -> None:
        known = self.qualifiers(text)
        if Arn.parse(text).qualifier not in known:
            label = name.rpartition(":")[0]
            raise UnknownName(f"there is no {name!r}; {label} has: {', '.join(sorted(known))}")

    def qualifiers(self, function_arn: str) -> list[str]:
        """`$LATEST`, the aliases and the versions of a function.

        :raises EngineError: if the engine fails
        """
        client, name = self._environment_of(function_arn).clients["lambda"], Arn.parse(function_arn).name
        aliases = [each["Name"] for each in client.list_aliases(FunctionName=name)["Aliases"]]
        versions = [each["Version"] for each in client.list_versions_by_function(FunctionName=name)["Versions"]]
        return list(dict.fromkeys([LATEST, *aliases, *versions]))

    def close(self) -> None:
        """Delete the app's stacks from the engine, and the stand-ins for its imports.

        :raises DeployError: if a stack cannot be deleted
        :raises EngineError: if the engine fails
        """
        with self._guarded():
            while self._stacks:
                self._close_stack(self._stacks.pop())
            self._stand_ins.close()
            self.seeds.close()

    def _close_stack(self, stack: DeployedStack) -> None:
        functions = {each.physical_id for each in stack.resources if each.type == "AWS::Lambda::Function"}
        roles = {each.arn for each in stack.resources if each.type == "AWS::IAM::Role" and each.arn}
        arns = {each.arn for each in stack.resources if each.arn}
        release(stack.env, arns)
        stack.env.release(functions, roles, arns)
        stack.env.forget()
        delete_stack(stack)


def _label(resource: Resource) -> str:
    # The CDK names the rule of a destination after the path of the function. Only the logical id shows all of it.
    if resource.type == "AWS::Events::Rule":
        return _HASH_SUFFIX.sub("…", resource.logical_id)
    return resource.path.rsplit("/", 1)[-1]


def _names(resource: Resource) -> frozenset[str]:
    assert resource.arn is not None
    # Every end of the path is a name: Stack/Orders/Queue is also Orders/Queue and Queue.
    steps = resource.path.split("/")
    ends = {"/".join(steps[start:]) for start in range(len(steps))}
    name = resource.physical_id.rsplit("/", 1)[-1] if resource.type == "AWS::SQS::Queue" else resource.physical_id
    if resource.type in {"AWS::Lambda::Alias", "AWS::Lambda::Version"}:
        ends.add(Arn.parse(resource.arn).resource.removeprefix("function:"))
    if resource.type == "AWS::SNS::Topic":
        ends.add(Arn.parse(resource.arn).name)
    return frozenset({resource.logical_id, name, resource.arn, *ends})


def payload_text(payload: Any) -> str:
    """The JSON text of a payload; raises InvalidPayload if Lambda would refuse it."""
    try:
        if isinstance(payload, bytes):
            text = payload.decode("utf-8-sig").strip()
            json.loads(text, parse_constant=_refuse_constant)
        else:
            text = json.dumps(payload, ensure_ascii=False, allow_nan=False)
        size = len(text.encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidPayload(f"the payload is not JSON: {error}; give a JSON value") from None
    if size > MAX_PAYLOAD:
        raise InvalidPayload(
            f"the payload has {size:,} bytes; an asynchronous invocation takes {MAX_PAYLOAD:,}, send less"
        )
    return text


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
