"""Values that stacks pass to each other: exports, and the CDK's custom resources for other regions."""

from dataclasses import dataclass, field
from typing import Any

from ...template import Resolved
from ._placed import Placed

_WRITER, _READER = "Custom::CrossRegionExportWriter", "Custom::CrossRegionExportReader"


@dataclass(slots=True)
class Exported:
    """The values of deployed stacks: exports by account, region and name; those for other regions by the CDK's name."""

    exports: dict[tuple[str, str, str], str] = field(default_factory=dict)
    across_regions: dict[str, str] = field(default_factory=dict)

    def take(self, stack: Resolved, template: dict[str, Any], placed: Placed) -> None:
        """Add what a deployed stack exports; `template` is the one that was deployed."""
        for output in (template.get("Outputs") or {}).values():
            if "Export" in output:
                name = str(placed.value(output["Export"]["Name"]))
                self.exports[stack.account, stack.region, name] = str(placed.value(output["Value"]))
        for resource in stack.template["Resources"].values():
            if resource["Type"] == _WRITER:
                exports = (resource["Properties"].get("WriterProps") or {}).get("exports") or {}
                self.across_regions |= {name: str(placed.value(value)) for name, value in exports.items()}

    def filled(self, stack: Resolved, template: dict[str, Any]) -> dict[str, Any]:
        """The template, with values instead of imports."""
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
