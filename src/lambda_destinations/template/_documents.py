"""One file to one template."""

import json
from pathlib import Path
from typing import Any

from ..errors import DeployError


def read_template(path: Path) -> dict[str, Any]:
    """Read a template.

    :raises DeployError: for what is none
    """
    template = as_object(read_json(path), path)
    resources = template.get("Resources")
    if not isinstance(resources, dict) or not all(isinstance(each, dict) for each in resources.values()):
        raise DeployError(
            f"{path} has no Resources object, so it is not a CloudFormation template; give a synthesized one"
        )
    return template


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
