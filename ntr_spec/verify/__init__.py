"""Engines that interpret laws, and what they find. ``ntr_spec.verify(norm)`` is also how verification is called.

Python binds a subpackage in its parent under the subpackage's name, so ``ntr_spec.verify`` is this package as soon as
anything below it is imported. For the name to be the function as well, the package is callable.
"""

import inspect
import sys
import types

from ntr_spec.verify.findings import Evidence, Finding, Status, Witness
from ntr_spec.verify.report import Report, Run, VerificationError
from ntr_spec.verify.settings import Settings
from ntr_spec.verify.verify import verify

__all__ = [
    "Evidence",
    "Finding",
    "Report",
    "Run",
    "Settings",
    "Status",
    "VerificationError",
    "Witness",
    "verify",
]


class _CallablePackage(types.ModuleType):
    __call__ = staticmethod(verify)


__signature__ = inspect.signature(verify)
sys.modules[__name__].__class__ = _CallablePackage
