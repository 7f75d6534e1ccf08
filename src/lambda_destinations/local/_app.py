"""A deployed app: its functions by the names its author gave them."""

import difflib
import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from ..errors import InvalidPayload, UnknownName
from ._closing import Closing
from ._deploy._refusals import delete_created
from ._deploy._resource import Resource
from ._deploy._stacks import DeployedStack, delete_stack
from ._environment import Environment
from ._flow._deliver import MEGABYTE
from ._flow._runner import Chain, Runner
from ._result._tree import Run, Target

_HASH_SUFFIX = re.compile("(?<=.)[0-9A-F]{8}$")  # of a logical id that the CDK made
_INVOCABLE = {"AWS::Lambda::Alias", "AWS::Lambda::Function", "AWS::Lambda::Version"}


class App(Closing):
    """What `LocalAws.deploy` returns. Several threads may invoke it."""

    def __init__(
        self,
        environment_of: Callable[[str], Environment],
        guarded: Callable[[], AbstractContextManager[None]],
        created: list[tuple[Environment, str]],
        watch: Callable[[Run], object],
    ) -> None:
        self._environment_of, self._guarded = environment_of, guarded
        self._created, self._watch = created, watch
        self._stacks: list[DeployedStack] = []
        self._names: dict[str, set[str]] = {}

    def add(self, stack: DeployedStack) -> None:
        """Make the resources of a deployed stack known by their names."""
        self._stacks.append(stack)
        self._register(stack)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out, and what cannot run here."""
        return tuple(note for stack in self._stacks for note in stack.notes)

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
    def deployed_functions(self) -> list[tuple[Environment, str]]:
        """Name and environment of each function of the app."""
        return [
            (stack.env, resource.physical_id)
            for stack in self._stacks
            for resource in stack.resources
            if resource.type == "AWS::Lambda::Function"
        ]

    def resource(self, name: str) -> Resource:
        """A deployed resource by logical id or construct path; raises UnknownName."""
        found = [each for stack in self._stacks for each in stack.resources if name in {each.logical_id, each.path}]
        if len(found) != 1:
            known = ", ".join(sorted(each.path for stack in self._stacks for each in stack.resources))
            raise UnknownName(f"{len(found)} resources are called {name!r}; there: {known}")
        return found[0]

    @property
    def functions(self) -> list[str]:
        """The construct paths of the functions, aliases and versions that can be invoked."""
        return sorted(
            resource.path for stack in self._stacks for resource in stack.resources if resource.type in _INVOCABLE
        )

    def invoke(self, function: str, payload: Any = None, *, real_time: bool = False) -> Run:
        """Invoke a function asynchronously, as Lambda would, and follow its record to the end.

        The function is named by logical id, construct path or id, function name or ARN, each with `:qualifier` if
        need be, or by the construct of an alias or version. The payload is any JSON value; `bytes` are JSON text as it
        is. The minutes between attempts are skipped unless `real_time` is set.

        Raises UnknownName, InvalidPayload, and EngineError if the engine goes away.
        """
        text = _payload_text(payload)
        arn = self._arn(function)
        with self._guarded():
            run = Runner(self._environment_of, real_time=real_time).run(arn, text, Chain())
        self._watch(run)
        return run

    def _arn(self, name: str) -> str:
        found, qualifier = self._names.get(name), ""
        if found is None and ":" in name:
            base, _, asked = name.rpartition(":")
            found, qualifier = self._names.get(base), f":{asked}"
        if found is None:
            close = difflib.get_close_matches(name, [*self._names, *self.functions], n=5)
            known = ", ".join(dict.fromkeys(close)) or ", ".join(self.functions) or "none"
            raise UnknownName(f"there is no function {name!r}; {'close to it' if close else 'there'}: {known}")
        if len(found) > 1:
            raise UnknownName(
                f"{name!r} names {len(found)} functions: {', '.join(sorted(found))}; give the construct path"
            )
        arn = next(iter(found)) + qualifier
        if qualifier:
            self._require_qualifier(arn, name)
        return arn

    def _require_qualifier(self, arn: str, name: str) -> None:
        parts = arn.split(":")
        client = self._environment_of(arn).clients["lambda"]
        known = {"$LATEST"} | {each["Name"] for each in client.list_aliases(FunctionName=parts[6])["Aliases"]}
        known |= {each["Version"] for each in client.list_versions_by_function(FunctionName=parts[6])["Versions"]}
        if parts[7] not in known:
            raise UnknownName(f"there is no {name!r}; {parts[6]} has: {', '.join(sorted(known))}")

    def close(self) -> None:
        """Delete the app's stacks from the engine, and what was made to stand in for its imports."""
        delete_created(self._created)
        while self._stacks:
            stack = self._stacks.pop()
            functions = {each.physical_id for each in stack.resources if each.type == "AWS::Lambda::Function"}
            roles = {each.arn for each in stack.resources if each.type == "AWS::IAM::Role" and each.arn}
            stack.env.release(functions, roles, {each.arn for each in stack.resources if each.arn})
            delete_stack(stack)


def _label(resource: Resource) -> str:
    # The CDK names the rules of a destination by the path of the function, which only the logical id keeps together.
    if resource.type == "AWS::Events::Rule":
        return _HASH_SUFFIX.sub("…", resource.logical_id)
    return resource.path.rsplit("/", 1)[-1]


def _names(resource: Resource) -> frozenset[str]:
    assert resource.arn is not None
    # Any end of the path will do: Stack/Orders/Queue is also Orders/Queue and Queue.
    steps = resource.path.split("/")
    ends = {"/".join(steps[start:]) for start in range(len(steps))}
    name = resource.physical_id.rsplit("/", 1)[-1] if resource.type == "AWS::SQS::Queue" else resource.physical_id
    if resource.type in {"AWS::Lambda::Alias", "AWS::Lambda::Version"}:
        ends.add(":".join(resource.arn.split(":")[6:]))
    if resource.type == "AWS::SNS::Topic":
        ends.add(resource.arn.rsplit(":", 1)[-1])
    return frozenset({resource.logical_id, name, resource.arn, *ends})


def _payload_text(payload: Any) -> str:
    try:
        if isinstance(payload, bytes):
            text = payload.decode("utf-8-sig").strip()
            json.loads(text, parse_constant=_refuse_constant)
        else:
            text = json.dumps(payload, ensure_ascii=False, allow_nan=False)
        size = len(text.encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidPayload(f"the payload is not JSON: {error}; give a JSON value") from None
    if size > MEGABYTE:
        raise InvalidPayload(
            f"the payload has {size:,} bytes; an asynchronous invocation takes {MEGABYTE:,}, send less"
        )
    return text


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
