"""Ctrl-C and SIGTERM as an event, so that they end a run and not a call in its midst."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

_PATIENT = 2  # signals that end the run cleanly; the next one raises KeyboardInterrupt at once


class Interrupt:
    """In the main thread, where Python's own handler would raise KeyboardInterrupt; elsewhere it does nothing."""

    def __init__(self) -> None:
        self.heard = False
        self._stops: list[threading.Event] = []
        self._count = 0
        self._kept: dict[int, Any] = {}

    def __enter__(self) -> Interrupt:
        if threading.current_thread() is threading.main_thread():
            for each in (signal.SIGINT, signal.SIGTERM):
                if signal.getsignal(each) is signal.default_int_handler:
                    self._kept[each] = signal.signal(each, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        for each, handler in self._kept.items():
            signal.signal(each, handler)

    def stops(self, event: threading.Event) -> threading.Event:
        """Set this event at the next signal, or now if there was one."""
        self._stops.append(event)
        if self.heard:
            event.set()
        return event

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self.heard = True
        self._count += 1
        for event in self._stops:
            event.set()
        if self._count > _PATIENT:
            signal.default_int_handler(number, frame)
