"""What stands in a deployed template for something that is not there: nobody knows what it would be."""

_PREFIX = "arn:aws:unknown:::"


def placeholder(what: str) -> str:
    """The text that stands for something; it has the form of an ARN, for the places that take nothing else."""
    return _PREFIX + what


def is_placeholder(arn: str) -> bool:
    """Whether an ARN stands for something that is not there: what is sent to it is neither delivered nor lost."""
    return arn.startswith(_PREFIX)
