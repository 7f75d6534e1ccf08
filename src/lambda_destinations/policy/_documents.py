"""Policy documents read into statements."""

from collections.abc import Mapping
from typing import Any, Union

Document = Union[str, Mapping[str, Any]]
"""A policy as values, as JSON text, or UNKNOWN for one whose content is not known."""
