"""Upstream's import path, on CDK v1: `aws_cdk` is a namespace package there, which this folder joins.

It offers whatever the constructs' package does, so upstream's names and all that came with this library.
"""

from lambda_destinations import cdk as _cdk
from lambda_destinations.cdk import *  # noqa: F403  (one list of names, the package's own)

__all__: list[str] = []
__all__ += _cdk.__all__
