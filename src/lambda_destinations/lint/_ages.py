"""Maximum event ages that leave no time for the retries."""

from collections.abc import Iterator

from .._service import age_below_retry
from ..template import Finding, Flow
from ._say import finding


def short_lived(flow: Flow) -> Iterator[Finding]:
    """Find the configurations whose events expire before their retries could start."""
    for config in flow.configs:
        if not isinstance(config.age, int) or not isinstance(config.retries, int):
            continue
        message = age_below_retry(config.age, config.retries)
        if message is not None:
            path = ("Resources", config.resource.logical_id, "Properties", "MaximumEventAgeInSeconds")
            yield finding("age-below-retry", config.resource, path, message)
