"""Placeholders in a deployed template, for values that are not known."""

_PREFIX = "arn:aws:unknown:::"


def placeholder(what: str) -> str:
    """A placeholder. It has the form of an ARN, because some properties accept only an ARN."""
    return _PREFIX + what


def is_placeholder(arn: str) -> bool:
    """Whether an ARN is a placeholder: it is unknown whether what is sent to it is delivered or lost."""
    return arn.startswith(_PREFIX)
