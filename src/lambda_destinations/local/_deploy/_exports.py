"""What stacks hand to one another: exports, and what the CDK carries to another region with custom resources."""

from dataclasses import dataclass, field
from typing import Any

from ...template import Resolved
from ._placed import Placed

_WRITER, _READER = "Custom::CrossRegionExportWriter", "Custom::CrossRegionExportReader"


@dataclass(slots=True)
class Exported:
    """The values that deployed stacks hand over: exports by account, region and name, the others by the CDK's name."""

    exports: dict[tuple[str, str, str], str] = field(default_factory=dict)
    across_regions: dict[str, str] = field(default_factory=dict)

    def take(self, stack: Resolved, template: dict[str, Any], placed: Placed) -> None:
        """Take over what a deployed stack exports; `template` is in the form that was deployed."""
        for output in (template.get("Outputs") or {}).values():
            if "Export" in output:
                name = str(placed.value(output["Export"]["Name"]))
                self.exports[stack.account, stack.region, name] = str(placed.value(output["Value"]))
        for resource in stack.template["Resources"].values():
            if resource["Type"] == _WRITER:
                exports = (resource["Properties"].get("WriterProps") or {}).get("exports") or {}
                self.across_regions |= {name: str(placed.value(value)) for name, value in exports.items()}

    def filled(self, stack: Resolved, template: dict[str, Any]) -> dict[str, Any]:
        """A template with the values of what it imports."""
        readers = {logical_id for logical_id, resource in template["Resources"].items() if resource["Type"] == _READER}
        filled: dict[str, Any] = self._filled(template, stack, readers)
        return filled

    def _filled(self, value: Any, stack: Resolved, readers: set[str]) -> Any:
        if isinstance(value, list):
            return [self._filled(each, stack, readers) for each in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(function, argument)] = value.items()
            if function == "Fn::ImportValue" and isinstance(argument, str):
                return self.exports.get((stack.account, stack.region, argument), value)
            if function == "Fn::GetAtt" and argument and isinstance(argument, list) and argument[0] in readers:
                return self.across_regions.get(".".join(argument[1:]), value)
        return {key: self._filled(each, stack, readers) for key, each in value.items()}
