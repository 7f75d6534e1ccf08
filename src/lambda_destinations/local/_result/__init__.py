"""The result of a run, as data and as text."""
