"""The functions and layers of a template, packed so that the engine runs them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from ...template import Resolved
from ._code import Packer

_NEEDS_NO_PLACE = ("FileSystemConfigs", "ImageConfig", "KmsKeyArn", "PackageType", "SnapStart", "VpcConfig")
"""Properties that the engine does not support, and that a handler does not notice."""


@dataclass(kw_only=True, slots=True)
class Packages:
    """The objects for the bucket, by key, and notes.

    :ivar refusals: why a function cannot be invoked here, by logical id
    :ivar wrapped: the logical ids of the functions that run on our own runtimes
    """

    packer: Packer
    bucket: str
    objects: dict[str, bytes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    wrapped: set[str] = field(default_factory=set)

    def store(self, content: bytes) -> dict[str, str]:
        """Keep content for the bucket, and return where it will be."""
        key = f"{sha256(content).hexdigest()}.zip"
        self.objects[key] = content
        return {"S3Bucket": self.bucket, "S3Key": key}

    def pack_layer(self, stack: Resolved, logical_id: str, properties: dict[str, Any]) -> None:
        """Put the content of a layer in the bucket."""
        content = _asset(stack, logical_id, "Content", properties.get("Content"))
        properties["Content"] = self.store(self.packer.layer(content)) if content is not None else {}

    def pack_function(
        self, stack: Resolved, logical_id: str, properties: dict[str, Any], resources: Mapping[str, Any]
    ) -> None:
        """Put the code of a function in the bucket, or other code if the function cannot run here."""
        for name in _NEEDS_NO_PLACE[:-1] if "ImageUri" in (properties.get("Code") or {}) else _NEEDS_NO_PLACE:
            properties.pop(name, None)
        code: dict[str, Any] = properties.get("Code") or {}
        runtime: Any = properties.get("Runtime")
        inline = code.get("ZipFile")
        source: Any = _asset(stack, logical_id, "Code", code) if inline is None else inline
        refusal = _refusal(code, runtime, inline, source) or self.packer.refusal(runtime)
        if refusal is not None:
            self._refuse(stack, logical_id, properties, refusal)
            return
        layers = self._layers(stack, logical_id, properties, resources) if self.packer.brings_runtimes else ()
        content, properties["Runtime"] = self.packer.function(
            runtime, source, layers, (properties.get("Environment") or {}).get("Variables") or {}
        )
        properties["Code"] = self.store(content)
        if properties["Runtime"] != runtime:
            self.wrapped.add(logical_id)

    def _refuse(self, stack: Resolved, logical_id: str, properties: dict[str, Any], refusal: str) -> None:
        self.refusals[logical_id] = refusal
        self.notes.append(f"{stack.stack.path_of(logical_id)} cannot run here: {refusal}")
        # This code is deployed, but never invoked.
        properties.update(Code={"ZipFile": "raise NotImplementedError"}, Runtime="python3.12", Handler="index.handler")
        for name in ("ImageConfig", "Layers", "PackageType"):
            properties.pop(name, None)

    def _layers(
        self, stack: Resolved, logical_id: str, properties: dict[str, Any], resources: Mapping[str, Any]
    ) -> tuple[Path, ...]:
        found = []
        for layer in properties.pop("Layers", ()):
            name = layer.get("Ref") if isinstance(layer, dict) else None
            written = resources.get(name) if isinstance(name, str) else None
            content = _asset(stack, str(name), "Content", written["Properties"].get("Content")) if written else None
            if content is None or not content.exists():
                path = stack.stack.path_of(logical_id)
                self.notes.append(f"{path} runs without the layer {name or layer}: it is not in the assembly")
            else:
                found.append(content)
        return tuple(found)


def _asset(stack: Resolved, logical_id: str, name: str, resolved: Any) -> Path | None:
    """The asset of a property. CDK v1 names it by parameters, which only the unresolved template has."""
    found = stack.stack.asset(resolved)
    if found is not None:
        return found
    written = stack.stack.template["Resources"].get(logical_id, {}).get("Properties")
    return stack.stack.asset(written.get(name)) if isinstance(written, dict) else None


def _refusal(code: dict[str, Any], runtime: Any, inline: Any, source: Any) -> str | None:
    if "ImageUri" in code:
        return "it is a container image, which needs Docker"
    if not isinstance(runtime, str):
        return "its runtime is not written out in the template"
    if inline is not None and not isinstance(inline, str):
        return "its inline code is not written out in the template"
    if not isinstance(source, Path | str):
        return "its code is not in the assembly; give the whole folder that cdk synth wrote"
    if isinstance(source, Path) and not source.exists():
        return f"its code asset {source.name} is missing; synthesize the app again"
    return None
