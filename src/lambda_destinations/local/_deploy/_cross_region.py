"""References from one region to another, which the CDK carries over with custom resources that nobody runs here."""

from dataclasses import dataclass, field

from ...template import Resolved
from ._placed import Placed

_WRITER, _READER = "Custom::CrossRegionExportWriter", "Custom::CrossRegionExportReader"


@dataclass(slots=True)
class Exported:
    """The values that stacks hand to stacks in other regions, by the name that the CDK gave them."""

    values: dict[str, str] = field(default_factory=dict)

    def written_by(self, stack: Resolved, placed: Placed) -> None:
        """Take over what a deployed stack exports."""
        for resource in stack.template["Resources"].values():
            if resource["Type"] == _WRITER:
                exports = (resource["Properties"].get("WriterProps") or {}).get("exports") or {}
                self.values |= {name: str(placed.value(value)) for name, value in exports.items()}

    def read_by(self, stack: Resolved) -> dict[tuple[str, str], str]:
        """What a stack imports: by the logical id of the custom resource and the attribute."""
        return {
            (logical_id, name): self.values[name]
            for logical_id, resource in stack.template["Resources"].items()
            if resource["Type"] == _READER
            for name in (resource["Properties"].get("ReaderProps") or {}).get("imports") or {}
            if name in self.values
        }
