"""Templates in, decided: conditions, parameters, mappings, functions and references."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ._resolved import Resolved
from ._stack import Stack


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """What is known from outside.

    :ivar parameters: by name; `Stack.Name` for that of one stack
    :ivar account: for stacks that do not name one
    :ivar exports: the values of exports of other apps, by name
    :ivar ssm: the values of parameters in Parameter Store, by name
    :ivar secrets: the strings of secrets, by name or ARN
    """

    parameters: Mapping[str, str] = field(default_factory=dict)
    account: str | None = None
    region: str | None = None
    partition: str | None = None
    exports: Mapping[str, str] = field(default_factory=dict)
    ssm: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)


def resolve(stack: Stack, given: Given | None = None) -> Resolved:
    """Decide all of a stack, and of those nested in it, that can be decided before a deployment.

    :raises DeployError: for what CloudFormation refuses
    """
    return resolve_app([stack], given)[0]


def resolve_app(stacks: Iterable[Stack], given: Given | None = None) -> list[Resolved]:
    """Decide all stacks of an app, so that an import finds its export in another one.

    :raises DeployError: for what CloudFormation refuses
    """
    raise NotImplementedError
