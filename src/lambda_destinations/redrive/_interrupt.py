"""Ctrl-C and SIGTERM as an event, so that they end a run and not a call in its midst."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

_PATIENT = 2  # signals that end the run cleanly; the next one raises KeyboardInterrupt at once


class Interrupt:
    """In the main thread, where Python's own handler would raise KeyboardInterrupt; elsewhere it does nothing.

    A handler must not set an event itself: the code that it interrupts may hold the event's lock. So it writes a byte
    into a pipe, and a thread that reads the pipe sets the events.
    """

    def __init__(self) -> None:
        self.heard = False
        self._stops: list[threading.Event] = []
        self._count = 0
        self._kept: dict[int, Any] = {}
        self._ends: tuple[int, int] | None = None

    def __enter__(self) -> Interrupt:
        if threading.current_thread() is not threading.main_thread():
            return self
        ours = [each for each in (signal.SIGINT, signal.SIGTERM) if _is_pythons(each)]
        if ours:
            self._ends = os.pipe()
            self._thread = threading.Thread(target=self._set, args=(self._ends[0],), daemon=True)
            self._thread.start()
            self._kept = {each: signal.signal(each, self._hear) for each in ours}
        return self

    def __exit__(self, *_: object) -> None:
        for each, handler in self._kept.items():
            signal.signal(each, handler)
        if self._ends is not None:
            os.close(self._ends[1])  # which ends the thread
            self._thread.join()
            os.close(self._ends[0])

    def stops(self, event: threading.Event) -> threading.Event:
        """Set this event at the next signal, or now if there was one."""
        self._stops.append(event)
        if self.heard:
            event.set()
        return event

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self.heard = True
        self._count += 1
        if self._ends is not None:
            os.write(self._ends[1], b"!")
        if self._count > _PATIENT:
            signal.default_int_handler(number, frame)

    def _set(self, end: int) -> None:
        while os.read(end, 1):
            for event in list(self._stops):
                event.set()


def _is_pythons(number: int) -> bool:
    return signal.getsignal(number) is signal.default_int_handler
