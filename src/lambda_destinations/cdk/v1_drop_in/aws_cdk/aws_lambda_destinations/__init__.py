"""Upstream's import path, on CDK v1: there `aws_cdk` is a namespace package, and this folder is a part of it.

It has the same names as `lambda_destinations.cdk`: upstream's names, and those that this library adds.
"""

from lambda_destinations import cdk as _cdk
from lambda_destinations.cdk import *  # noqa: F403  (one list of names, the package's own)

__all__: list[str] = []
__all__ += _cdk.__all__
