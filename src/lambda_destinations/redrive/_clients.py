"""The boto3 clients of a run."""

from __future__ import annotations

import random
import threading
import time
from email.utils import parsedate_to_datetime
from typing import Any

from ..errors import MissingDependency

FIRST_ATTEMPTS = 3  # of the first call of a run: whoever gave a wrong endpoint should not wait for long
_ATTEMPTS = 10
_LONGEST = 10.0  # seconds between two attempts


class Clients:
    """Clients by service and region; botocore repeats what may pass."""

    def __init__(
        self,
        *,
        region: str | None = None,
        profile: str | None = None,
        endpoint_url: str | None = None,
        concurrency: int = 16,
    ) -> None:
        try:
            import boto3
        except ImportError:
            raise MissingDependency("redrive needs boto3; run: pip install 'lambda-destinations[tools]'") from None
        self._session = boto3.Session(region_name=region, profile_name=profile)
        self._endpoint_url, self._pool = endpoint_url, concurrency + 8
        self._made: dict[tuple[str, str | None, int], Any] = {}
        self._lock = threading.Lock()

    def get(self, service: str, region: str | None = None, *, attempts: int = _ATTEMPTS) -> Any:
        """The client; boto3 does not make clients in several threads at once, so a lock does it."""
        from botocore.config import Config

        with self._lock:
            key = (service, region, attempts)
            if key not in self._made:
                config = Config(
                    connect_timeout=5,
                    read_timeout=30,
                    max_pool_connections=self._pool,
                    retries={"mode": "standard", "total_max_attempts": attempts},
                )
                client = self._session.client(
                    service, region_name=region, endpoint_url=self._endpoint_url, config=config
                )
                if attempts > 1:
                    client.meta.events.register("needs-retry", _again)
                self._made[key] = client
            return self._made[key]


def snapshot_of(response: Any) -> float:
    """The time before which all that a scan takes has arrived, by the service's clock, from its first answer."""
    date = response["ResponseMetadata"].get("HTTPHeaders", {}).get("date")
    now = parsedate_to_datetime(date).timestamp() if date else time.time()
    return now + 1  # the header has whole seconds


def is_no_object(error: Any) -> bool:
    """Whether S3 says that there is no such object."""
    answer = getattr(error, "response", None)  # a dict in ClientError alone
    return isinstance(answer, dict) and answer["Error"]["Code"] in ("NoSuchKey", "404")


def _again(response: Any = None, attempts: int = 1, **_: Any) -> float | None:
    """The seconds until the next attempt after an answer 429 without a code: botocore does not repeat it."""
    if response is None or response[0].status_code != 429 or attempts >= _ATTEMPTS:
        return None
    return random.uniform(0, min(_LONGEST, 0.1 * 2**attempts))  # noqa: S311  (jitter needs no cryptography)
