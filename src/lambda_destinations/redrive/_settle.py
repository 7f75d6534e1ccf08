"""The last step for what was sent: its counts are kept, then its records are deleted, in batches."""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._bucket import BucketSource
    from ._item import Item
    from ._ledger import Ledger
    from ._queue import QueueSource
    from ._report import RedriveReport

_BATCH = 50  # records settled together: a kill may send them again, with what is being sent
_PATIENCE = 0.3  # seconds that a batch waits to fill


class Done(NamedTuple):
    """What was sent or put into the quarantine: the item, its record's request id, and how often it was redriven."""

    item: Item
    request_id: str
    redrives: int


class Settler:
    """A thread that settles what is put to it; the end of the `with` block waits until all is settled."""

    def __init__(  # noqa: PLR0913  (all that the last step needs)
        self,
        source: QueueSource | BucketSource,
        ledger: Ledger,
        report: RedriveReport,
        *,
        keep: bool,
        failed: Callable[[BaseException], None],
        stop: Callable[[str], None],
    ) -> None:
        self._source, self._ledger, self._report, self._keep = source, ledger, report, keep
        self._failed, self._stop = failed, stop
        self._queue: queue.Queue[Done | None] = queue.Queue(_BATCH)  # sending waits for deleting
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Settler:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._queue.put(None)
        self._thread.join()

    def put(self, done: Done) -> None:
        """Settle this soon."""
        done.item.message = None
        self._queue.put(done)

    def _run(self) -> None:
        ended = False
        while not ended:
            batch: list[Done] = []
            with contextlib.suppress(queue.Empty):
                while len(batch) < _BATCH:
                    done = self._queue.get(timeout=_PATIENCE)
                    if done is None:
                        ended = True
                        break
                    batch.append(done)
            if batch:
                try:
                    self._settle(batch)
                except BaseException as error:  # noqa: BLE001  (the run ends with it)
                    self._failed(error)

    def _settle(self, batch: list[Done]) -> None:
        self._ledger.flush()
        items = [done.item for done in batch]
        if self._keep:
            for item in items:
                self._source.skip(item)
            return
        deleted, reason = self._source.delete(items)
        self._report.deleted += deleted
        if deleted == len(batch):
            return
        for done in batch:  # their records stay, and the next run reads them under the same request id
            self._ledger.note(done.request_id, done.redrives)
        self._ledger.flush()
        self._stop(f"{len(batch) - deleted} records were sent and could not be deleted: {reason}")
