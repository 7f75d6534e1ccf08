"""The last step for what was sent: its counts are kept, then its records are deleted, in batches."""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._bucket import BucketSource
    from ._item import Item
    from ._ledger import Ledger
    from ._queue import QueueSource
    from ._report import RedriveReport

_BATCH = 50  # records settled together: a kill may send them again, with what is being sent
_PATIENCE = 0.3  # seconds that a batch waits to fill


class Settler:
    """A thread that settles what is put to it; the end of the `with` block waits until all is settled."""

    def __init__(
        self,
        source: QueueSource | BucketSource,
        ledger: Ledger,
        report: RedriveReport,
        *,
        keep: bool,
        failed: Callable[[BaseException], None],
    ) -> None:
        self._source, self._ledger, self._report, self._keep, self._failed = source, ledger, report, keep, failed
        self._queue: queue.Queue[Item | None] = queue.Queue(_BATCH)  # sending waits for deleting
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Settler:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._queue.put(None)
        self._thread.join()

    def put(self, item: Item) -> None:
        """Settle this item soon."""
        item.message = None
        self._queue.put(item)

    def _run(self) -> None:
        ended = False
        while not ended:
            batch: list[Item] = []
            with contextlib.suppress(queue.Empty):
                while len(batch) < _BATCH:
                    item = self._queue.get(timeout=_PATIENCE)
                    if item is None:
                        ended = True
                        break
                    batch.append(item)
            if batch:
                try:
                    self._settle(batch)
                except BaseException as error:  # noqa: BLE001  (raised again where the run ends)
                    self._failed(error)

    def _settle(self, batch: list[Item]) -> None:
        self._ledger.flush()
        if self._keep:
            for item in batch:
                self._source.skip(item)
            return
        deleted = self._source.delete(batch)
        self._report.deleted += deleted
        if deleted < len(batch):
            self._report.notes.append(f"{len(batch) - deleted} records were sent and could not be deleted")
