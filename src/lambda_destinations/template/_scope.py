"""What the functions of a template can use: parameters, mappings, conditions, the place and given values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import DeployError
from ._finding import PropertyPath
from ._names import Identity
from ._parameters import Parameter
from ._place import Place
from ._resolved import Missing
from ._unknown import UNKNOWN
from ._values import NOTHING


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """Values that come from outside of the templates.

    :ivar parameters: by name, or by `Stack.Name` for the parameter of one stack
    :ivar account: for stacks that do not name an account
    :ivar region: for stacks that do not name a region
    :ivar partition: by default that of the region
    :ivar exports: the values of exports of other apps, by name
    :ivar ssm: the values of parameters in Parameter Store, by name
    :ivar secrets: the strings of secrets, by name or ARN
    """

    parameters: Mapping[str, Any] = field(default_factory=dict)
    account: str | None = None
    region: str | None = None
    partition: str | None = None
    exports: Mapping[str, str] = field(default_factory=dict)
    ssm: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)


@dataclass(kw_only=True, slots=True)
class Scope:
    """The names of one template.

    :ivar inherited: see `Passed`
    :ivar exports: see `Passed`
    :ivar identity: returns the identity of a resource; None if the resource's condition is false
    :ivar holds: returns whether a condition is true; None if that is not known
    :ivar missing: the values that were needed and not given
    """

    stack: str
    place: Place
    given: Given
    parameters: dict[str, Parameter]
    mappings: dict[str, Any]
    logical_ids: Mapping[str, Any]
    exports: Mapping[str, Any]
    inherited: Mapping[str, Any] = field(default_factory=dict)
    identity: Callable[[str], Identity | None] = lambda _: None
    holds: Callable[[Any, str], bool | None] = lambda _, __: None
    missing: dict[tuple[str, str], Missing] = field(default_factory=dict)

    def lack(self, kind: str, name: str, path: PropertyPath) -> str:
        """Note that a value was not given, and return UNKNOWN for it."""
        self.missing.setdefault((kind, name), Missing(kind=kind, name=name, path=path))
        return UNKNOWN

    def pseudo(self, name: str) -> Any:
        """Return the value of a pseudo parameter, None if there is none with this name."""
        place = self.place
        return {
            "AWS::AccountId": place.account,
            "AWS::NoValue": NOTHING,
            "AWS::NotificationARNs": [],
            "AWS::Partition": place.partition,
            "AWS::Region": place.region,
            "AWS::StackId": place.stack_id,
            "AWS::StackName": place.stack,
            "AWS::URLSuffix": place.suffix,
        }.get(name)

    def parameter(self, name: str, path: PropertyPath) -> Any:
        """Return the value of a parameter, UNKNOWN if it was not given."""
        parameter = self.parameters[name]
        if name in self.inherited:
            value = self.inherited[name]
            return parameter.value_of(value) if isinstance(value, str) and value != UNKNOWN else value
        if parameter.text is None:
            return self.lack("parameter", name, path)
        if parameter.text == UNKNOWN:
            return UNKNOWN
        if not parameter.stored:
            return parameter.value_of(parameter.text)
        if parameter.text not in self.given.ssm:
            return self.lack("ssm", parameter.text, path)
        return parameter.value_of(self.given.ssm[parameter.text])

    def require_resource(self, name: str, where: str) -> Identity:
        """Return the identity of a resource.

        :raises DeployError: when the resource does not exist, or its condition is false
        """
        if name not in self.logical_ids:
            raise DeployError(f"{where}: there is no resource or parameter {name!r}; declare it, or fix the name")
        identity = self.identity(name)
        if identity is None:
            raise DeployError(
                f"{where} refers to {name}, whose condition is false; put the same condition on the reference"
            )
        return identity
