"""The chain of runs that led to a run, and when Lambda or this package stops it."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..._service import MAX_CHAIN
from .._result._codes import Finding

LONGEST_UNNOTICED = 64
"""A chain that Lambda does not stop counts as endless after so many runs of one function."""
MOST_RUNS = 1000
"""Runs in one tree: a fan-out that feeds itself doubles with each round."""


@dataclass(frozen=True, slots=True)
class Chain:
    """How often each function ran, whether an event bus was on the way, and the buses since the last run."""

    runs: Mapping[str, int] = field(default_factory=dict)
    over_bus: bool = False
    buses: tuple[str, ...] = ()
    total: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def after(self, function: str) -> "Chain":
        """The chain once a function has run again."""
        return Chain({**self.runs, function: self.runs.get(function, 0) + 1}, self.over_bus, (), self.total)

    def after_bus(self, bus: str) -> "Chain":
        """The chain once the record has passed an event bus."""
        return Chain(self.runs, over_bus=True, buses=(*self.buses, bus), total=self.total)

    def stop(self, function: str, *, loops_allowed: bool) -> Finding | None:
        """Why a function must not run again; None if it may."""
        if next(self.total) > MOST_RUNS:
            return Finding("too-many-runs", {"runs": MOST_RUNS})
        count = self.runs.get(function, 0)
        if self.over_bus or loops_allowed:
            if count < LONGEST_UNNOTICED:
                return None
            why = "Lambda does not notice one over an event bus" if self.over_bus else "its RecursiveLoop is Allow"
            return Finding("endless-loop", {"runs": LONGEST_UNNOTICED, "why": why})
        return None if count < MAX_CHAIN else Finding("recursive-loop", {"runs": MAX_CHAIN})
