"""Reads templates in YAML as CloudFormation does: short forms become long forms, and the types are those of JSON.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
"""

from collections.abc import Hashable
from typing import Any

from ..errors import MissingDependency

try:
    import yaml
except ImportError:
    raise MissingDependency("YAML needs PyYAML; run pip install 'lambda-destinations[tools]'") from None

_WITHOUT_PREFIX = {"Ref": "Ref", "Condition": "Condition"}
_MOST_NODES = 1_000_000  # with all aliases expanded; a template has at most 1 MB
_TIMESTAMP, _MERGE, _VALUE = "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:merge", "tag:yaml.org,2002:value"


# PyYAML's parser in C, if there is one: it is ten times faster.
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]  # chosen above
    """Reads dates as texts, does not know merge keys, and refuses a key that occurs twice."""

    yaml_implicit_resolvers = {  # noqa: RUF012  (PyYAML's own form)
        first: [(tag, expression) for tag, expression in found if tag not in {_TIMESTAMP, _MERGE, _VALUE}]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002  (PyYAML's signature)
        """Construct an object. Its keys must be texts, and each must occur once."""
        found: dict[Hashable, Any] = {}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            name = key_node.value if isinstance(key_node, yaml.ScalarNode) else key
            if not isinstance(name, str):
                raise yaml.constructor.ConstructorError(None, None, "a key is not a text", node.start_mark)
            if name in found:
                raise yaml.constructor.ConstructorError(None, None, f"the key {name} occurs twice", key_node.start_mark)
            found[name] = self.construct_object(value_node, deep=deep)
        return found


def _function(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    """Construct `!Name value` as `Fn::Name`."""
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {_WITHOUT_PREFIX.get(suffix, f"Fn::{suffix}"): value}


_Loader.add_multi_constructor("!", _function)


def read_yaml(text: str) -> Any:
    """Return the values of a template in YAML.

    :raises ValueError: when the text is not YAML, or is YAML that CloudFormation does not take
    """
    try:
        value = yaml.load(text, Loader=_Loader)  # noqa: S506  (a safe loader)
    except yaml.YAMLError as error:
        raise ValueError(_said(error)) from None
    _refuse_what_json_has_not(value)
    return value


def read_plain_yaml(text: str) -> Any:
    """Return the values of a document in YAML that is not a template.

    :raises ValueError: when the text is not YAML
    """
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from None


def _said(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f" in line {mark.line + 1}" if mark is not None else ""
    return f"{getattr(error, 'problem', None) or ' '.join(str(error).split())}{where}"


def _refuse_what_json_has_not(value: Any) -> None:
    """Raise ValueError for a value that contains itself, for too many values, and for types that JSON does not have."""
    count = 0
    waiting: list[tuple[Any, tuple[int, ...]]] = [(value, ())]
    while waiting:
        here, above = waiting.pop()
        count += 1
        if count > _MOST_NODES:
            raise ValueError("its aliases expand to more values than a template can have")
        if isinstance(here, (dict, list)):
            if id(here) in above:
                raise ValueError("a value contains itself")
            inner = (*above, id(here))
            waiting += [(each, inner) for each in (here.values() if isinstance(here, dict) else here)]
        elif here is not None and not isinstance(here, (str, int, float, bool)):
            raise ValueError(f"it has a value of type {type(here).__name__}, which JSON does not have")
