"""Values that a template needs and does not contain. The user gives them in a file, by keyword, or both."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from ..errors import DeployError
from ._scope import Given

KINDS = ("parameters", "ssm", "secrets", "exports")

Values: TypeAlias = str | Path | Mapping[str, Mapping[str, Any]] | None
"""A file of JSON or YAML, or its content: a mapping with some of `parameters`, `ssm`, `secrets`, `exports`."""


def given_values(
    values: Values, account: str | None = None, region: str | None = None, **named: Mapping[str, Any] | None
) -> Given:
    """Combine the values of a file or mapping with those of keywords. A keyword replaces the same name in the file.

    :raises DeployError: when the file cannot be read, has an unknown section, or has a value that cannot become text
    """
    where = str(values) if isinstance(values, (str, Path)) else "values"
    found = _read(Path(values)) if isinstance(values, (str, Path)) else (values or {})
    if not isinstance(found, Mapping):
        raise DeployError(f"{where} does not hold an object; give one with {_listed()}")
    unknown = sorted(map(str, found.keys() - set(KINDS)))
    if unknown:
        raise DeployError(f"{where} has {', '.join(unknown)}; it takes {_listed()}")
    texts = {kind: _texts(kind, found.get(kind), where) | _texts(kind, named.get(kind), kind) for kind in KINDS}
    return Given(
        account=account,
        region=region,
        parameters=texts["parameters"],
        ssm=texts["ssm"],
        secrets=texts["secrets"],
        exports=texts["exports"],
    )


def _listed() -> str:
    return f"{', '.join(KINDS[:-1])} and {KINDS[-1]}"


def _texts(kind: str, values: Any, where: str) -> dict[str, str]:
    if values is None:
        return {}
    if not isinstance(values, Mapping):
        raise DeployError(f"{kind} in {where} is not an object; give names with their values")
    return {str(name): _text(kind, str(name), value) for name, value in values.items()}


def _text(kind: str, name: str, value: Any) -> str:
    """Return a value as CloudFormation's text: numbers and booleans become texts, a list is joined by commas."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if kind == "secrets" and isinstance(value, (dict, list)):
        return json.dumps(value)
    if isinstance(value, (list, tuple)) and value:
        return ",".join(_text(kind, name, each) for each in value)
    raise DeployError(f"the value of {name} in {kind} is {value!r}; give a text, a number, a boolean or a list of them")


def _read(path: Path) -> Any:
    from ._yaml import read_plain_yaml  # it reads JSON, too

    try:
        return read_plain_yaml(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise DeployError(f"cannot read {path}: {error.strerror or error}; give a file of JSON or YAML") from None
    except ValueError as error:
        said = " ".join(str(error).split())
        raise DeployError(f"{path} is neither JSON nor YAML: {said}; correct it") from None
