"""Simulated time, shared by all invocations of an app. It jumps only when all of them are waiting."""

import contextlib
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone


class Clock:
    """Seconds since the clock was created: real ones, and those that were skipped while all invocations waited."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._started, self._at = time.monotonic(), datetime.now(timezone.utc)
        self._skipped = 0.0
        self._busy = 0
        self._sleepers: list[_Sleeper] = []

    @property
    def now(self) -> float:
        """Seconds since the clock was created."""
        return time.monotonic() - self._started + self._skipped

    @property
    def others_busy(self) -> bool:
        """Whether another invocation is working, or is waiting for a time."""
        with self._changed:
            return self._busy + len(self._sleepers) > 1

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Hold this while an invocation is followed: time does not jump unless the invocation waits."""
        with self._changed:
            self._busy += 1
        try:
            yield
        finally:
            with self._changed:
                self._busy -= 1
                self._jump()

    def wait(self, seconds: float, *, real: bool = False) -> None:
        """Wait in real time, or until no other invocation is working and no other wakes earlier."""
        if real:
            time.sleep(seconds)
            return
        with self._changed:
            sleeper = _Sleeper(self.now + seconds)
            self._sleepers.append(sleeper)
            self._busy -= 1
            self._jump()
            while sleeper in self._sleepers:
                left = sleeper.wakes_at - self.now
                if left <= 0:
                    self._wake(sleeper)
                else:
                    self._changed.wait(left)

    @property
    def epoch(self) -> float:
        """Now, in seconds since 1970."""
        return self._at.timestamp() + self.now

    def timestamp(self) -> str:
        """Now, as Lambda writes it into a record."""
        now = self._at + timedelta(seconds=self.now)
        return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _jump(self) -> None:
        if self._busy or not self._sleepers:
            return
        first = min(each.wakes_at for each in self._sleepers)
        self._skipped += max(0.0, first - self.now)
        for each in [each for each in self._sleepers if each.wakes_at <= first]:
            self._wake(each)
        self._changed.notify_all()

    def _wake(self, sleeper: "_Sleeper") -> None:
        self._sleepers.remove(sleeper)
        self._busy += 1


class _Sleeper:
    """An invocation that waits; compared by identity."""

    def __init__(self, wakes_at: float) -> None:
        self.wakes_at = wakes_at
