"""A template in which everything is resolved that can be resolved before a deployment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ._finding import PropertyPath
from ._stack import Stack


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Resource:
    """A resource that has values instead of references, so that it can be judged without a deployment.

    :ivar properties: plain JSON. A reference to a resource of the app is a plausible ARN, name or other text, always
        the same for the same resource. A value that cannot be known is UNKNOWN
    :ivar arn: a plausible ARN; None if the form of the type's ARN is not known here
    :ivar physical_id: the value of `Ref`
    :ivar stack_name: a plausible name of the stack; nested stacks have different ones
    :ivar needs: the resources of the same template that it needs, by reference or `DependsOn`, also indirectly
    :ivar certain: False if it is not known whether its condition is true
    """

    stack: str
    logical_id: str
    construct: str
    type: str
    properties: dict[str, Any]
    arn: str | None
    physical_id: str
    account: str
    region: str
    stack_name: str
    needs: frozenset[str] = frozenset()
    certain: bool = True
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """A value that a template needs and that was not given.

    :ivar kind: `parameter`, `import`, `ssm`, `secret`, `dynamic`, `macro` or `template`
    :ivar name: the name of the missing parameter, export, secret and so on
    :ivar path: where it is first used
    """

    kind: str
    name: str
    path: PropertyPath


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Resolved:
    """A resolved stack in two forms: the form to deploy and the form to judge.

    :ivar template: the form to deploy. It has no conditions, mappings, `Fn::If`, rules or dynamic references.
        References to resources of the template stay. Only a nested stack keeps parameters: those whose values refer
        to resources of its parent
    :ivar resources: the form to judge, by logical id
    :ivar outputs: the form to judge, by name
    :ivar exports: the form to judge, by export name
    :ivar missing: the values that were not given; both forms have UNKNOWN in their places
    :ivar nested: the nested stacks, by the logical id of their resource in this stack
    :ivar account_given: False if the account was not given, and `account` is a made-up one
    :ivar region_given: False if the region was not given, and `region` is the default
    :ivar origins: the paths in the user's template for those paths of the resolved one that are different
    """

    stack: Stack
    account: str
    region: str
    partition: str
    template: dict[str, Any]
    resources: dict[str, Resource]
    outputs: dict[str, Any]
    exports: dict[str, Any]
    missing: tuple[Missing, ...] = ()
    nested: dict[str, "Resolved"] = field(default_factory=dict)
    account_given: bool = True
    region_given: bool = True
    origins: dict[PropertyPath, PropertyPath] = field(default_factory=dict)

    def origin(self, path: PropertyPath) -> PropertyPath:
        """Return the path in the user's template for a path in `template` or `resources`."""
        for length in range(len(path), 0, -1):
            found = self.origins.get(path[:length])
            if found is not None:
                return found + path[length:]
        return path
