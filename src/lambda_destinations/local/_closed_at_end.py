"""The base class of everything that must be closed."""

from types import TracebackType
from typing import TypeVar

_T = TypeVar("_T", bound="ClosedAtEnd")


class ClosedAtEnd:
    """An object that is closed at the end of a `with` block, also after an error."""

    def close(self) -> None:
        """Release what this object holds."""
        raise NotImplementedError

    def __enter__(self: _T) -> _T:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
