"""Reading what the CDK synthesized: a cloud assembly of either major version, or one template."""

import json
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ...errors import DeployError

_HASH = re.compile(r"[0-9a-f]{64}")
_HASH_SUFFIX = re.compile(r"^(.+)[0-9A-F]{8}$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Stack:
    """One stack of an assembly.

    `paths` gives the logical id at each construct path, `assets` the file or folder behind each word by which the
    template may name an asset: an object key (CDK v2) or a parameter (CDK v1). `root` is the path of a nested stack.
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

    def asset(self, code: Any) -> Path | None:
        """The asset that a `Code` or `Content` property names, or None."""
        text = json.dumps(code)
        for word, path in self.assets.items():
            if word in text:
                return path
        for digest in _HASH.findall(text):  # a lone template beside its assets
            for path in sorted(self.folder.glob(f"asset.{digest}*")):
                return path
        return None

    def nested(self, logical_id: str) -> "Stack | None":
        """The stack that a resource nests, if its template is in the assembly."""
        path = self.asset(self.template["Resources"][logical_id].get("Properties", {}).get("TemplateURL"))
        if path is None or not path.is_file():
            return None
        # The CDK puts the resource beside the nested stack: …/Name.NestedStack/Name.NestedStackResource.
        root = self.path_of(logical_id).split(".NestedStack/")[0] + "/"
        return replace(self, template=_read_template(path), needs=(), root=root)

    def path_of(self, logical_id: str) -> str:
        """The path of the construct that stands for a resource, without the `Resource` that the CDK adds."""
        # The same logical id may stand in a stack and in one nested in it.
        found = [path for path, each in self.paths.items() if each == logical_id and path.startswith(self.root)]
        path = min(found, key=len, default=None)
        if path is None:
            metadata = self.template["Resources"][logical_id].get("Metadata") or {}
            path = metadata.get("aws:cdk:path") if isinstance(metadata, dict) else None
        if not isinstance(path, str):
            hashed = _HASH_SUFFIX.match(logical_id)
            return f"{self.name}/{hashed.group(1) if hashed else logical_id}"
        return path.strip("/").removesuffix("/Resource")


def read_stacks(path: Path) -> list[Stack]:
    """The stacks of a cloud assembly folder, each after those it needs, or the one stack of a template file.

    Raises DeployError for what is neither.
    """
    if not path.exists():
        raise DeployError(f"there is no {path}; synthesize the app first, for example with: cdk synth")
    if path.is_file():
        return [Stack(name=_stack_name(path), template=_read_template(path), folder=path.resolve().parent)]
    if not (path / "manifest.json").is_file():
        raise DeployError(
            f"{path} has no manifest.json, so it is no cloud assembly; give the folder that cdk synth wrote"
        )
    try:
        stacks = _read_assembly(path)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, DeployError):
            raise
        raise DeployError(
            f"{path / 'manifest.json'} is no manifest of a cloud assembly ({type(error).__name__}: {error}); "
            "synthesize the app again"
        ) from None
    if not stacks:
        raise DeployError(f"{path} has no stack; add one to the app")
    return _in_order(stacks)


def _read_assembly(folder: Path) -> list[Stack]:
    stacks = []
    artifacts = _object(_read_json(folder / "manifest.json"), folder / "manifest.json").get("artifacts") or {}
    for name, artifact in artifacts.items():
        properties = artifact.get("properties") or {}
        if artifact.get("type") == "cdk:cloud-assembly":
            stacks += _read_assembly(folder / properties["directoryName"])
        elif artifact.get("type") == "aws:cloudformation:stack":
            template = folder / properties["templateFile"]
            if not _object(_read_json(template), template).get("Resources"):
                continue  # the CDK deploys no such stack either
            stacks.append(_read_stack(folder, name, artifact, properties, artifacts))
    return stacks


def _read_stack(
    folder: Path, name: str, artifact: dict[str, Any], properties: dict[str, Any], artifacts: dict[str, Any]
) -> Stack:
    account, region = (artifact.get("environment") or "aws:///").removeprefix("aws://").split("/")
    metadata = dict(artifact.get("metadata") or {})
    extra = artifact.get("additionalMetadataFile")
    if extra:
        metadata.update(_read_json(folder / extra))
    paths: dict[str, str] = {}
    assets: dict[str, Path] = {}
    for path, entries in metadata.items():
        for entry in entries:
            if entry["type"] == "aws:cdk:logicalId":
                paths[path.strip("/")] = entry["data"]
            elif entry["type"] == "aws:cdk:asset" and "s3KeyParameter" in entry["data"]:
                assets[entry["data"]["s3KeyParameter"]] = folder / entry["data"]["path"]
    for need in artifact.get("dependencies") or ():
        if artifacts.get(need, {}).get("type") == "cdk:asset-manifest":
            assets |= _read_asset_manifest(folder, artifacts[need]["properties"]["file"])
    return Stack(
        name=properties.get("stackName") or name,
        template=_read_template(folder / properties["templateFile"]),
        folder=folder,
        account=account if account.isdigit() else None,
        region=region if region and region != "unknown-region" else None,
        paths=paths,
        assets=assets,
        needs=tuple(
            artifacts[need].get("properties", {}).get("stackName") or need
            for need in artifact.get("dependencies") or ()
            if artifacts.get(need, {}).get("type") == "aws:cloudformation:stack"
        ),
    )


def _read_asset_manifest(folder: Path, file: str) -> dict[str, Path]:
    assets = {}
    for asset in (_read_json(folder / file).get("files") or {}).values():
        for destination in asset["destinations"].values():
            if "path" in asset["source"]:
                assets[destination["objectKey"]] = folder / asset["source"]["path"]
    return assets


def _in_order(stacks: list[Stack]) -> list[Stack]:
    ordered: list[Stack] = []
    names = {stack.name for stack in stacks}
    while len(ordered) < len(stacks):
        done = {stack.name for stack in ordered}
        ready = [stack for stack in stacks if stack.name not in done and names.intersection(stack.needs).issubset(done)]
        if not ready:
            raise DeployError(f"the stacks {', '.join(sorted(names - done))} need one another; break the cycle")
        ordered += ready
    return ordered


def _stack_name(path: Path) -> str:
    return re.sub(r"[^A-Za-z0-9-]", "-", path.name.split(".")[0]).strip("-") or "Stack"


def _read_template(path: Path) -> dict[str, Any]:
    template = _object(_read_json(path), path)
    resources = template.get("Resources")
    if not isinstance(resources, dict) or not all(isinstance(each, dict) for each in resources.values()):
        raise DeployError(
            f"{path} has no Resources object, so it is no CloudFormation template; give a synthesized one"
        )
    return template


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise DeployError(f"cannot read {path}: {error.strerror or error}; synthesize the app again") from None
    except (ValueError, RecursionError) as error:
        raise DeployError(f"{path} is not JSON: {error}; give a template that the CDK synthesized") from None


def _object(value: Any, path: Path) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise DeployError(f"{path} holds no JSON object; give a template that the CDK synthesized")
    return value
