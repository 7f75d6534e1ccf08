"""Objects of ours that the CDK keeps by reference."""

import jsii


class ByReference:
    """Base of what the CDK calls back: created in Node once, as generated classes are.

    jsii copies an object without a type anew each time it is handed over; with one it is created here and passed by
    reference from then on. `Object` is the type that it would give the copy.
    """

    __jsii_type__ = "Object"

    def __init__(self) -> None:
        jsii.create(type(self), self, [])
