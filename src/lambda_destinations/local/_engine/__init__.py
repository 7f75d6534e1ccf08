"""The engine: its process, proof that it enforces permissions, and what is said when it fails.

Which engine it is, and all its ways, `_ministack` knows alone.
"""

from ._ministack import (
    HOW_TO_ENFORCE,
    INLINE_TEMPLATE_BYTES,
    LACKED_SILENTLY,
    NAME,
    NOT_FOR_HANDLERS,
    RUNTIMES,
    queue_messages,
    read_health,
    require_enforcement,
    types_it_lacks,
)

__all__ = [
    "HOW_TO_ENFORCE",
    "INLINE_TEMPLATE_BYTES",
    "LACKED_SILENTLY",
    "NAME",
    "NOT_FOR_HANDLERS",
    "RUNTIMES",
    "queue_messages",
    "read_health",
    "require_enforcement",
    "types_it_lacks",
]
