"""What is said of a template: a code, a place and a sentence."""

from dataclasses import dataclass

PropertyPath = tuple[str | int, ...]
"""Keys and indexes from the top of a template, as in ("Resources", "Queue", "Properties", "FifoQueue")."""


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Finding:
    """Something that AWS refuses.

    :ivar code: stable, as in `fifo-destination`; `schema-…` where AWS's resource schema says so
    :ivar stack: the stack's name
    :ivar logical_id: the resource at fault, "" where it is the template
    :ivar path: from the top of the template as the user wrote it, through `Fn::If` and the like
    :ivar construct: the construct's path, or stack/logical id
    :ivar message: what is wrong and what to do, without the place; lower case, no full stop
    :ivar source: where AWS says so
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
