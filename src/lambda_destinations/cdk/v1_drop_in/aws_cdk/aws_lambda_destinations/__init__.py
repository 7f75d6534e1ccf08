"""Upstream's import path, on CDK v1: `aws_cdk` is a namespace package there, which this folder joins."""

from lambda_destinations.cdk import (
    EventBridgeDestination,
    LambdaDestination,
    LambdaDestinationOptions,
    S3Destination,
    SnsDestination,
    SqsDestination,
)

__all__ = [
    "EventBridgeDestination",
    "LambdaDestination",
    "LambdaDestinationOptions",
    "S3Destination",
    "SnsDestination",
    "SqsDestination",
]
