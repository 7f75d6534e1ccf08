"""Expands templates of the AWS Serverless Application Model (SAM) with AWS's own translator, without AWS."""

import copy
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import DeployError, MissingDependency
from ..policy._managed import ALLOWED

TRANSFORM = "AWS::Serverless-2016-10-31"
_HARMLESS = re.compile(r"AWS::(LanguageExtensions|CodeDeployBlueGreen|SecretsManager-.*)")
"""Macros that do not change what is written, or that are evaluated here."""
_BUCKET = "lambda-destinations-local"  # the bucket in the S3 addresses of code that is on this machine
_CODE = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
}
_OTHER_FILES = {
    "AWS::Serverless::Api": "DefinitionUri",
    "AWS::Serverless::HttpApi": "DefinitionUri",
    "AWS::Serverless::StateMachine": "DefinitionUri",
    "AWS::Serverless::Application": "Location",
    "AWS::Serverless::GraphQLApi": "SchemaUri",
}


def is_sam(template: dict[str, Any]) -> bool:
    """Tell whether a template is written for SAM."""
    transform = template.get("Transform")
    return TRANSFORM in (transform if isinstance(transform, list) else [transform])


def macros_of(template: dict[str, Any], name: str) -> list[str]:
    """Return the macros of a template that only add to it.

    :raises DeployError: when the template has another macro, which only AWS can run
    """
    named = [
        str(each.get("Name")) if isinstance(each, dict) else str(each) for each in _listed(template.get("Transform"))
    ]
    for each in named:
        if _HARMLESS.fullmatch(each) is None:
            raise DeployError(
                f"the template of stack {name} uses the macro {each}, which only AWS can run; give the template that "
                "it makes, for example from: aws cloudformation get-template --template-stage Processed"
            )
    return [each for each in named if each != "AWS::LanguageExtensions"]


def expand(
    template: dict[str, Any], folder: Path, *, parameters: Mapping[str, Any] | None = None, region: str | None = None
) -> tuple[dict[str, Any], dict[str, Path]]:
    """Return the plain template, and the paths of its local code by their S3 keys in that template.

    :param folder: the folder that relative paths of code start from
    :param parameters: values of parameters that replace the defaults
    :param region: the region of the stack
    :raises DeployError: when the translator refuses the template
    :raises MissingDependency: when the translator is not installed
    """
    try:
        from samtranslator.parser.parser import Parser
        from samtranslator.public.exceptions import InvalidDocumentException
        from samtranslator.translator.translator import Translator
    except ImportError:
        raise MissingDependency(
            "the template is written for SAM, and AWS's translator is not installed; "
            "run: pip install 'lambda-destinations[tools]'"
        ) from None
    plain = copy.deepcopy(template)
    assets = _localized(plain, folder)
    declared = plain.get("Parameters")
    defaults = {
        name: each["Default"]
        for name, each in (declared.items() if isinstance(declared, dict) else ())
        if isinstance(each, dict) and "Default" in each
    }
    parameters = defaults | {"AWS::Region": region or "us-east-1"} | dict(parameters or {})
    managed = {name.rsplit("/", 1)[-1]: f"arn:aws:iam::aws:policy/{name}" for name in ALLOWED}
    try:
        with _in_region(region or "us-east-1"):
            translated = Translator(managed, Parser()).translate(plain, parameters)
    except InvalidDocumentException as error:
        said = "; ".join(str(getattr(each, "message", each)) for each in error.causes) or str(error)
        raise DeployError(f"SAM refuses the template: {' '.join(said.split())}; correct it") from None
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise DeployError(
            f"SAM cannot translate the template ({type(error).__name__}: {error}); correct it, or give what sam build "
            "and sam deploy made of it"
        ) from None
    translated.pop("Transform", None)
    rest = [each for each in _listed(template.get("Transform")) if each != TRANSFORM]
    if rest:
        translated["Transform"] = rest
    return translated, assets


def _localized(template: dict[str, Any], folder: Path) -> dict[str, Path]:
    """Replace each local path with an S3 address, because the translator takes only these. Return the paths."""
    assets: dict[str, Path] = {}
    shared = _object(_object(template.get("Globals")).get("Function"))
    for logical_id, resource in (template.get("Resources") or {}).items():
        if not isinstance(resource, dict):
            continue
        properties, kind = resource.get("Properties"), resource.get("Type")
        if not isinstance(properties, dict) or not isinstance(kind, str):
            continue
        name = _CODE.get(kind)
        image = "Image" in (properties.get("PackageType"), shared.get("PackageType"))
        if name is not None and "InlineCode" not in properties and not image:
            given = properties.get(name, shared.get(name) if kind.endswith("Function") else None)
            if given is None or (isinstance(given, str) and not given.startswith("s3://")):
                key = f"lambda-destinations/{logical_id}"
                assets[key] = (folder / (given or ".")).resolve()
                properties[name] = f"s3://{_BUCKET}/{key}"
        other = _OTHER_FILES.get(kind)
        place = properties.get(other) if other is not None else None
        if other is not None and isinstance(place, str) and not place.startswith(("s3://", "https://")):
            properties[other] = f"s3://{_BUCKET}/{other}/{logical_id}"
    return assets


@contextmanager
def _in_region(region: str) -> Iterator[None]:
    """Set the region of the translator. Without it the translator asks boto3, and boto3 asks the environment."""
    from samtranslator.translator.arn_generator import ArnGenerator

    named, before = ArnGenerator.BOTO_SESSION_REGION_NAME, os.environ.get("AWS_DEFAULT_REGION")
    ArnGenerator.BOTO_SESSION_REGION_NAME = os.environ["AWS_DEFAULT_REGION"] = region
    try:
        yield
    finally:
        ArnGenerator.BOTO_SESSION_REGION_NAME = named
        if before is None:
            del os.environ["AWS_DEFAULT_REGION"]
        else:
            os.environ["AWS_DEFAULT_REGION"] = before


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
