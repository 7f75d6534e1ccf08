"""A stack as the CDK synthesized it or the user wrote it."""

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

    :ivar template: as written, but YAML's short forms are long forms, and SAM is expanded
    :ivar folder: the folder that relative paths in the template start from
    :ivar account: None if the assembly does not name it
    :ivar region: None if the assembly does not name it
    :ivar paths: the logical ids, by construct path
    :ivar assets: the files and folders of assets, by the word that the template has for each: an object key (CDK v2),
        a parameter (CDK v1), a made-up key (SAM)
    :ivar needs: the names of the stacks to deploy before this one
    :ivar root: the construct path of a nested stack
    :ivar source: the file of the template
    :ivar notes: remarks from reading the template
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
        """Return the asset that a property names, None if there is none.

        :param code: a `Code` or `Content` property, as written or resolved
        """
        text = json.dumps(code)
        for word, path in self.assets.items():
            if word in text:
                return path
        for digest in _HASH.findall(text):  # a single template in the folder of its assets
            for path in sorted(self.folder.glob(f"asset.{digest}*")):
                return path
        return None

    def nested(self, logical_id: str) -> "Stack | None":
        """Return the stack that a resource nests; None if its template is not in the assembly.

        :raises DeployError: when the template cannot be read
        """
        properties = self.template["Resources"][logical_id].get("Properties") or {}
        path = self.asset(properties.get("TemplateURL"))
        if path is None or not path.is_file():
            return None
        # The CDK puts the resource next to the nested stack: …/Name.NestedStack/Name.NestedStackResource.
        root = self.path_of(logical_id).split(".NestedStack/")[0] + "/"
        return replace(self, template=read_template(path), needs=(), root=root, source=path, notes=())

    def path_of(self, logical_id: str) -> str:
        """Return the path of a resource's construct, without the `Resource` that the CDK adds at the end."""
        # A stack and a stack nested in it may have the same logical id.
        found = [path for path, each in self.paths.items() if each == logical_id and path.startswith(self.root)]
        path = min(found, key=len, default=None)
        if path is None:
            metadata = self.template["Resources"].get(logical_id, {}).get("Metadata") or {}
            path = metadata.get("aws:cdk:path") if isinstance(metadata, dict) else None
        if not isinstance(path, str):
            hashed = _HASH_SUFFIX.match(logical_id)
            return f"{self.name}/{hashed.group(1) if hashed else logical_id}"
        return path.strip("/").removesuffix("/Resource")
