"""Reads a template or another JSON document from a file."""

import json
from pathlib import Path
from typing import Any, NoReturn

from ..errors import DeployError

_HUGE = 16 * 1024 * 1024


def read_template(path: Path) -> dict[str, Any]:
    """Read a template in JSON or YAML. YAML's short forms become long forms; SAM is not expanded.

    :raises DeployError: when the file cannot be read, or is not a template
    """
    template = as_object(_read_either(path), path)
    resources = template.get("Resources")
    if isinstance(resources, dict):
        _refuse_loops(resources, path)
    if not isinstance(resources, dict) or not all(isinstance(each, dict) for each in resources.values()):
        raise DeployError(
            f"{path} has no Resources object, so it is not a CloudFormation template; give a synthesized one"
        )
    _refuse_surrogates(template, path)
    return template


def _refuse_loops(resources: dict[str, Any], path: Path) -> None:
    loops = [name for name in resources if name.startswith("Fn::")]
    if loops:
        raise DeployError(
            f"{path} writes resources with {loops[0]}, which AWS::LanguageExtensions expands on AWS; give the template "
            "that it makes, for example from: aws cloudformation get-template --template-stage Processed"
        )


def _refuse_surrogates(template: dict[str, Any], path: Path) -> None:
    try:
        json.dumps(template, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise DeployError(f"{path} has half of a surrogate pair (\\ud800 to \\udfff) in a text; take it out") from None
    except RecursionError:
        raise DeployError(f"{path} is nested too deeply; give a CloudFormation template") from None


def _read_either(path: Path) -> Any:
    text = _text(path)
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise DeployError(f"{path} is nested too deeply; give a CloudFormation template") from None
    except ValueError as error:
        if text.lstrip()[:1] in {"{", "["}:
            raise DeployError(f"{path} is not JSON: {error}; give a CloudFormation template") from None
    from ._yaml import read_yaml  # it takes 30 ms, which JSON does not need

    try:
        return read_yaml(text)
    except (ValueError, RecursionError) as error:
        raise DeployError(f"{path} is neither JSON nor YAML: {error}; give a CloudFormation template") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a value of JSON")


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _HUGE:
            raise DeployError(f"{path} has more than {_HUGE:,} bytes, CloudFormation takes 1 MB; give a template")
        text = path.read_bytes().decode("utf-8-sig")
        text.encode()
    except OSError as error:
        raise DeployError(f"cannot read {path}: {error.strerror or error}; give a CloudFormation template") from None
    except UnicodeError:
        raise DeployError(f"{path} is not a text in UTF-8; give a CloudFormation template") from None
    return text


def read_json(path: Path) -> Any:
    """Read a file of JSON.

    :raises DeployError: when it cannot be read or is not JSON
    """
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise DeployError(f"cannot read {path}: {error.strerror or error}; synthesize the app again") from None
    except (ValueError, RecursionError) as error:
        raise DeployError(f"{path} is not JSON: {error}; give a template that the CDK synthesized") from None


def as_object(value: Any, path: Path) -> dict[str, Any]:
    """Return a value that must be a JSON object.

    :raises DeployError: when it is another value
    """
    if not isinstance(value, dict):
        raise DeployError(f"{path} does not hold a JSON object; give a template that the CDK synthesized")
    return value
