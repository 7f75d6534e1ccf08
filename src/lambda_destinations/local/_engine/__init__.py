"""The engine: its process, the check that it enforces permissions, and its errors.

Only `_ministack` knows which engine it is and how it behaves.
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
