"""Resolves one template: its resources, its outputs and the stacks nested in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import DeployError
from ._coerce import coerce
from ._conditions import Conditions
from ._evaluate import Evaluator
from ._names import Identity, identify
from ._order import with_all_needs
from ._parameters import Parameter
from ._place import Place, partition_of
from ._resolved import Missing, Resolved, Resource
from ._sam import macros_of
from ._scope import Given, Scope
from ._sections import checked, section
from ._stack import Stack
from ._values import NOTHING

_ACCOUNT, _REGION = "000000000000", "us-east-1"
_MAX_NESTING = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Passed:
    """What a template gets from outside.

    :ivar own: the values of its parameters
    :ivar exports: the exports of the app's stacks that were resolved before, in the form to judge
    :ivar inherited: for a nested stack: the parameters whose values refer to resources of its parent. The values are
        in the form to judge
    :ivar place: for a nested stack: its place
    :ivar above: the template files of the stacks around a nested stack
    """

    own: Mapping[str, Any]
    exports: Mapping[str, Any]
    inherited: Mapping[str, Any] = field(default_factory=dict)
    place: Place | None = None
    above: tuple[Path, ...] = ()


class Resolver:
    """Resolves one template."""

    def __init__(self, stack: Stack, given: Given, passed: Passed) -> None:
        self._stack, self._given, self._passed = stack, given, passed
        region = stack.region or given.region or _REGION
        partition = given.partition or partition_of(region)
        self._resources = {name: checked(stack, name, each) for name, each in section(stack, "Resources").items()}
        self._scope = Scope(
            stack=stack.name,
            place=passed.place or Place(stack.account or given.account or _ACCOUNT, region, partition, stack.name),
            given=given,
            parameters={
                name: Parameter(name, each, passed.own, stack.name)
                for name, each in section(stack, "Parameters").items()
            },
            mappings=section(stack, "Mappings"),
            logical_ids=self._resources,
            exports=passed.exports,
            inherited=passed.inherited,
            identity=self._identity,
        )
        in_condition = Evaluator(self._scope, judging=True, in_condition=True)
        self._conditions = Conditions(stack.name, section(stack, "Conditions"), in_condition.value)
        self._scope.holds = self._conditions.holds
        self._judge, self._deploy = Evaluator(self._scope, judging=True), Evaluator(self._scope, judging=False)
        self._identities: dict[str, Identity] = {}
        self._nested: dict[str, Resolved] = {}
        self._open: list[str] = []
        for macro in macros_of(stack.template, stack.name):
            self._scope.missing["macro", macro] = Missing(kind="macro", name=macro, path=("Transform",))

    def resolved(self) -> Resolved:
        kept = {"AWSTemplateFormatVersion", "Description", "Metadata"}
        template = {key: each for key, each in self._stack.template.items() if key in kept}
        for name in section(self._stack, "Conditions"):
            self._conditions.holds(name, f"stack {self._stack.name}")
        if self._scope.inherited:
            template["Parameters"] = {
                name: {"Type": "CommaDelimitedList" if self._scope.parameters[name].listed else "String"}
                for name in self._scope.inherited
            }
        resources: dict[str, Resource] = {}
        template["Resources"] = {}
        for name, resource in self._resources.items():
            if self._certainty(name) is not False:
                template["Resources"][name], resources[name] = self._resource(name, resource)
        resources = with_all_needs(resources, self._stack.name)
        outputs, shown, exports = self._outputs()
        if outputs:
            template["Outputs"] = outputs
        place = self._scope.place
        return Resolved(
            stack=self._stack,
            account=place.account,
            region=place.region,
            partition=place.partition,
            template=template,
            resources=resources,
            outputs=shown,
            exports=exports,
            missing=tuple(self._scope.missing.values()),
            nested={name: each for name, each in self._nested.items() if name in resources},
            account_given=bool(self._stack.account or self._given.account),
            region_given=bool(self._stack.region or self._given.region),
            origins=self._judge.origins,
        )

    def _certainty(self, name: str) -> bool | None:
        condition = self._resources[name].get("Condition")
        where = f"Resources.{name} of stack {self._stack.name}"
        return True if condition is None else self._conditions.holds(condition, where)

    def _identity(self, name: str) -> Identity | None:
        if name in self._identities:
            return self._identities[name]
        if self._certainty(name) is False:
            return None
        if name in self._open:
            raise DeployError(f"{' → '.join([*self._open, name])}: these resources need one another; break the cycle")
        self._open.append(name)
        kind = self._resources[name]["Type"]
        properties = self._resources[name].get("Properties") or {}

        def property_of(wanted: str) -> Any:
            value = self._judge.value(properties.get(wanted), ("Resources", name, "Properties", wanted))
            return None if value is NOTHING else value

        before = set(self._judge.references)
        if kind == "AWS::CloudFormation::Stack":
            identity = self._nest(name)
        else:
            identity = identify(kind, name, property_of, self._scope.place)
        self._judge.references = before
        self._open.pop()
        self._identities[name] = identity
        return identity

    def _nest(self, name: str) -> Identity:
        inner = self._stack.nested(name)
        path = ("Resources", name, "Properties", "Parameters")
        place = self._scope.place
        within = place.within(name)
        arn = within.stack_id
        if inner is None:
            self._scope.lack("template", self._stack.path_of(name), path)
            return Identity(arn, arn)
        above = (*self._passed.above, *([self._stack.source] if self._stack.source else []))
        if inner.source in above or len(above) >= _MAX_NESTING:
            raise DeployError(
                f"{self._stack.path_of(name)} nests itself, or there are too many levels of nested stacks; use fewer"
            )
        passed = (self._resources[name].get("Properties") or {}).get("Parameters")
        judged = self._judge.value(passed, path) or {}
        deployed = self._deploy.value(passed, path) or {}
        if not isinstance(judged, dict) or not isinstance(deployed, dict):
            raise DeployError(f"{'.'.join(path)} of stack {self._stack.name} is not an object; change the template")
        inherited = {key: each for key, each in judged.items() if isinstance(deployed.get(key), dict)}
        own = {key: each for key, each in judged.items() if key not in inherited}
        declared = inner.template.get("Parameters") or {}
        inherited = {key: each for key, each in inherited.items() if key in declared}
        around = Passed(own=own, exports=self._passed.exports, inherited=inherited, place=within, above=above)
        nested = Resolver(inner, self._given, around).resolved()
        self._nested[name] = nested
        return Identity(arn, arn, {f"Outputs.{key}": each for key, each in nested.outputs.items()})

    def _resource(self, name: str, resource: dict[str, Any]) -> tuple[dict[str, Any], Resource]:
        path = ("Resources", name, "Properties")
        identity = self._scope.require_resource(name, f"Resources.{name} of stack {self._stack.name}")
        self._judge.references, self._deploy.references = set(), set()
        judged = self._properties(self._judge, resource, path)
        deployed = self._properties(self._deploy, resource, path)
        ready = {key: each for key, each in resource.items() if key not in {"Condition", "DependsOn", "Properties"}}
        ready["Properties"] = coerce(resource["Type"], deployed)
        wanted = resource.get("DependsOn") or []
        depends = [each for each in ([wanted] if isinstance(wanted, str) else wanted) if self._stands(each, name)]
        if depends:
            ready["DependsOn"] = depends
        metadata = resource.get("Metadata")
        place = self._scope.place
        return ready, Resource(
            stack=self._stack.name,
            logical_id=name,
            construct=self._stack.path_of(name),
            type=resource["Type"],
            properties=coerce(resource["Type"], judged),
            arn=identity.arn,
            physical_id=identity.ref,
            account=place.account,
            region=place.region,
            stack_name=place.stack,
            needs=frozenset([*self._deploy.references, *self._judge.references, *depends]),
            certain=self._certainty(name) is True,
            metadata=metadata if isinstance(metadata, dict) else {},
        )

    def _properties(self, evaluator: Evaluator, resource: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
        value = evaluator.value(resource.get("Properties") or {}, path)
        return value if isinstance(value, dict) else {}

    def _stands(self, needed: Any, name: str) -> bool:
        if not isinstance(needed, str) or needed not in self._resources:
            raise DeployError(
                f"Resources.{name} of stack {self._stack.name} depends on {needed!r}, which does not exist; declare "
                "it, or fix the name"
            )
        return self._certainty(needed) is not False

    def _outputs(self) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        ready: dict[str, Any] = {}
        shown: dict[str, Any] = {}
        exports: dict[str, Any] = {}
        for name, output in section(self._stack, "Outputs").items():
            where = f"Outputs.{name} of stack {self._stack.name}"
            if not isinstance(output, dict) or "Value" not in output:
                raise DeployError(f"{where} has no Value; change the template")
            if "Condition" in output and self._conditions.holds(output["Condition"], where) is False:
                continue
            body = {key: each for key, each in output.items() if key in {"Value", "Export"}}
            ready[name] = self._deploy.value(body, ("Outputs", name))
            judged = self._judge.value(body, ("Outputs", name))
            shown[name] = judged.get("Value")
            export = judged.get("Export")
            if isinstance(export, dict) and isinstance(export.get("Name"), str):
                exports[export["Name"]] = shown[name]
        return ready, shown, exports
