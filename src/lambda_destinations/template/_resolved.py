"""A template of which everything is decided that can be decided before a deployment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ._finding import PropertyPath
from ._stack import Stack


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Resource:
    """A resource with values in place of references, to be judged without a deployment.

    :ivar properties: plain JSON: a reference to a resource of the app is a plausible ARN, name or other text, the same
        at each mention; what cannot be known is UNKNOWN
    :ivar arn: the plausible ARN, None where the type has none that we know
    :ivar physical_id: what `Ref` gives
    :ivar needs: the resources of the same template that stand before it, by reference or `DependsOn`
    :ivar certain: False if its condition is not known
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
    needs: frozenset[str] = frozenset()
    certain: bool = True
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """A value that nobody gave.

    :ivar kind: `parameter`, `import`, `ssm` or `secret`
    :ivar name: of the parameter, the export, the parameter in Parameter Store, the secret
    :ivar path: where it is first used
    """

    kind: str
    name: str
    path: PropertyPath


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Resolved:
    """One stack, resolved, in two forms.

    :ivar template: to deploy: no conditions, mappings, `Fn::If`, rules or dynamic references; references to resources
        of the template stay. Only a nested stack keeps parameters: those whose value its parent refers to
    :ivar resources: to judge: by logical id
    :ivar outputs: to judge: by name
    :ivar exports: to judge: by export name
    :ivar missing: what nobody gave; its places hold UNKNOWN in both forms
    :ivar nested: by the logical id of the resource that nests it
    :ivar account_given: False if the account is one of ours for want of another
    :ivar region_given: the same of the region
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
        """Where a place of `template` or of `resources` stands in the template as the user wrote it."""
        for length in range(len(path), 0, -1):
            found = self.origins.get(path[:length])
            if found is not None:
                return found + path[length:]
        return path
