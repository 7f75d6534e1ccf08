"""One file to one template."""

import json
from pathlib import Path
from typing import Any

from ..errors import DeployError


def read_template(path: Path) -> dict[str, Any]:
    """Read a template in JSON or YAML, short forms in the long form, SAM as it is written.

    :raises DeployError: for what is none
    """
    template = as_object(_read_either(path), path)
    resources = template.get("Resources")
    if not isinstance(resources, dict) or not all(isinstance(each, dict) for each in resources.values()):
        raise DeployError(
            f"{path} has no Resources object, so it is not a CloudFormation template; give a synthesized one"
        )
    return template


def _read_either(path: Path) -> Any:
    text = _text(path)
    try:
        return json.loads(text)
    except RecursionError:
        raise DeployError(f"{path} is nested too deeply; give a CloudFormation template") from None
    except ValueError as error:
        if text.lstrip()[:1] in {"{", "["}:
            raise DeployError(f"{path} is not JSON: {error}; give a CloudFormation template") from None
    from ._yaml import read_yaml  # 30 ms that JSON does not pay for

    try:
        return read_yaml(text)
    except (ValueError, RecursionError) as error:
        raise DeployError(f"{path} is neither JSON nor YAML: {error}; give a CloudFormation template") from None


def _text(path: Path) -> str:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        text.encode()
    except OSError as error:
        raise DeployError(f"cannot read {path}: {error.strerror or error}; give a CloudFormation template") from None
    except UnicodeError:
        raise DeployError(f"{path} is not a text in UTF-8; give a CloudFormation template") from None
    return text


def read_json(path: Path) -> Any:
    """Read a file of JSON.

    :raises DeployError: if it cannot be read or is not JSON
    """
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise DeployError(f"cannot read {path}: {error.strerror or error}; synthesize the app again") from None
    except (ValueError, RecursionError) as error:
        raise DeployError(f"{path} is not JSON: {error}; give a template that the CDK synthesized") from None


def as_object(value: Any, path: Path) -> dict[str, Any]:
    """Return a JSON object.

    :raises DeployError: for any other value
    """
    if not isinstance(value, dict):
        raise DeployError(f"{path} does not hold a JSON object; give a template that the CDK synthesized")
    return value
