"""A stack as it was synthesized or written."""

import json
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ._documents import read_template

_HASH = re.compile(r"[0-9a-f]{64}")
_HASH_SUFFIX = re.compile(r"^(.+)[0-9A-F]{8}$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Stack:
    """One stack of an assembly, or one template.

    :ivar template: as written, short forms of YAML in the long form, SAM expanded
    :ivar folder: what relative paths in it are relative to
    :ivar account: where the assembly says so
    :ivar paths: the logical id at each construct path
    :ivar assets: the file or folder behind each word by which the template may name an asset: an object key (CDK v2),
        a parameter (CDK v1), a made-up key (SAM)
    :ivar needs: the names of stacks to deploy before
    :ivar root: the construct path of a nested stack
    :ivar source: the file of the template
    :ivar notes: what had to be said when it was read
    """

    name: str
    template: dict[str, Any]
    folder: Path
    account: str | None = None
    region: str | None = None
    paths: dict[str, str] = field(default_factory=dict)
    assets: dict[str, Path] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    root: str = ""
    source: Path | None = None
    notes: tuple[str, ...] = ()

    def asset(self, code: Any) -> Path | None:
        """Return the asset that a `Code` or `Content` property names, as written or resolved, or None."""
        text = json.dumps(code)
        for word, path in self.assets.items():
            if word in text:
                return path
        for digest in _HASH.findall(text):  # a lone template beside its assets
            for path in sorted(self.folder.glob(f"asset.{digest}*")):
                return path
        return None

    def nested(self, logical_id: str) -> "Stack | None":
        """Return the stack that a resource nests, if its template is in the assembly.

        :raises DeployError: for a template that cannot be read
        """
        properties = self.template["Resources"][logical_id].get("Properties") or {}
        path = self.asset(properties.get("TemplateURL"))
        if path is None or not path.is_file():
            return None
        # The CDK puts the resource beside the nested stack: …/Name.NestedStack/Name.NestedStackResource.
        root = self.path_of(logical_id).split(".NestedStack/")[0] + "/"
        return replace(self, template=read_template(path), needs=(), root=root, source=path, notes=())

    def path_of(self, logical_id: str) -> str:
        """Return the path of the construct that stands for a resource, without the `Resource` that the CDK adds."""
        # The same logical id may stand in a stack and in one nested in it.
        found = [path for path, each in self.paths.items() if each == logical_id and path.startswith(self.root)]
        path = min(found, key=len, default=None)
        if path is None:
            metadata = self.template["Resources"].get(logical_id, {}).get("Metadata") or {}
            path = metadata.get("aws:cdk:path") if isinstance(metadata, dict) else None
        if not isinstance(path, str):
            hashed = _HASH_SUFFIX.match(logical_id)
            return f"{self.name}/{hashed.group(1) if hashed else logical_id}"
        return path.strip("/").removesuffix("/Resource")
