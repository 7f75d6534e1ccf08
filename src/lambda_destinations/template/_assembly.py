"""Reads what the CDK synthesized, a cloud assembly of CDK v1 or v2, or reads one template."""

import re
from pathlib import Path
from typing import Any

from ..errors import DeployError
from ._documents import as_object, read_json, read_template
from ._sam import expand, is_sam
from ._scope import Given
from ._stack import Stack


def read_stacks(path: Path, given: Given | None = None) -> list[Stack]:
    """Return the stacks of a cloud assembly, each after the stacks that it needs, or the one stack of a template file.

    :param path: the folder of an assembly, or a template file
    :param given: SAM's translator gets its parameters and its region
    :raises DeployError: when the path is neither, or cannot be read
    :raises MissingDependency: when the template is written for SAM, and SAM's translator is not installed
    """
    if not path.exists():
        raise DeployError(f"there is no {path}; synthesize the app first, for example with: cdk synth")
    if path.is_file():
        return [_lone(path, given or Given())]
    if not (path / "manifest.json").is_file():
        raise DeployError(
            f"{path} has no manifest.json, so it is not a cloud assembly; give the folder that cdk synth wrote"
        )
    try:
        stacks = _read_assembly(path)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, DeployError):
            raise
        raise DeployError(
            f"{path / 'manifest.json'} is not a manifest of a cloud assembly ({type(error).__name__}: {error}); "
            "synthesize the app again"
        ) from None
    if not stacks:
        raise DeployError(f"{path} has no stack; add one to the app")
    return _in_order(stacks)


def _lone(path: Path, given: Given) -> Stack:
    template, folder = read_template(path), path.resolve().parent
    assets: dict[str, Path] = {}
    if is_sam(template):
        template, assets = expand(template, folder, parameters=given.parameters, region=given.region)
    assets |= _local_code(template, folder)
    return Stack(name=_stack_name(path), template=template, folder=folder, source=path, assets=assets)


def _local_code(template: dict[str, Any], folder: Path) -> dict[str, Path]:
    """Replace each local path of code with an S3 object, as `aws cloudformation package` does. Return the paths."""
    assets: dict[str, Path] = {}
    for logical_id, resource in template["Resources"].items():
        name = {"AWS::Lambda::Function": "Code", "AWS::Lambda::LayerVersion": "Content"}.get(str(resource.get("Type")))
        properties = resource.get("Properties")
        path = properties.get(name) if name and isinstance(properties, dict) else None
        if isinstance(path, str) and isinstance(properties, dict) and name:
            key = f"lambda-destinations/{logical_id}"
            assets[key] = (folder / path).resolve()
            properties[name] = {"S3Bucket": "lambda-destinations-local", "S3Key": key}
    return assets


def _read_assembly(folder: Path) -> list[Stack]:
    stacks = []
    artifacts = as_object(read_json(folder / "manifest.json"), folder / "manifest.json").get("artifacts") or {}
    for name, artifact in artifacts.items():
        properties = artifact.get("properties") or {}
        if artifact.get("type") == "cdk:cloud-assembly":
            stacks += _read_assembly(folder / properties["directoryName"])
        elif artifact.get("type") == "aws:cloudformation:stack":
            template = folder / properties["templateFile"]
            if not as_object(read_json(template), template).get("Resources"):
                continue  # the CDK does not deploy an empty stack either
            stacks.append(_read_stack(folder, name, artifact, properties, artifacts))
    return stacks


def _read_stack(
    folder: Path, name: str, artifact: dict[str, Any], properties: dict[str, Any], artifacts: dict[str, Any]
) -> Stack:
    account, region = (artifact.get("environment") or "aws:///").removeprefix("aws://").split("/")
    metadata = dict(artifact.get("metadata") or {})
    extra = artifact.get("additionalMetadataFile")
    if extra:
        metadata.update(read_json(folder / extra))
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
        template=read_template(folder / properties["templateFile"]),
        folder=folder,
        source=folder / properties["templateFile"],
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
    for asset in (read_json(folder / file).get("files") or {}).values():
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
