"""A finding in a template: a code, a place and a message."""

from dataclasses import dataclass

PropertyPath = tuple[str | int, ...]
"""Keys and indexes from the top of a template, as in ("Resources", "Queue", "Properties", "FifoQueue")."""


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Finding:
    """A fault in a template.

    :ivar code: a stable name, for example `fifo-destination`; `schema-…` for a fault against AWS's resource schemas
    :ivar stack: the stack's name
    :ivar logical_id: the resource that has the fault, "" for the template itself
    :ivar path: from the top of the template as the user wrote it, through `Fn::If` and the like
    :ivar construct: the construct's path, or stack/logical id
    :ivar message: what is wrong and what to do, without the place; lower case, no full stop
    :ivar source: the page of AWS that documents it; may be ""
    """

    code: str
    stack: str
    logical_id: str
    path: PropertyPath
    construct: str
    message: str
    source: str = ""

    def __str__(self) -> str:
        return f"{self.construct}: {self.message}"
