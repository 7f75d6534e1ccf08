"""What all that has to be closed has in common."""

from types import TracebackType
from typing import TypeVar

_T = TypeVar("_T", bound="ClosedAtEnd")


class ClosedAtEnd:
    """Closed at the end of a `with` block, however that ends."""

    def close(self) -> None:
        """Give back what is held."""
        raise NotImplementedError

    def __enter__(self: _T) -> _T:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
