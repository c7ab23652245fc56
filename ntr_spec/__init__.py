"""ntr_spec: norms, duals and linear minimization oracles, declared once; proved, tested and run."""

from ntr_spec.errors import DTypeError, InputError, NotDeclaredError, NtrError, UntraceableError
from ntr_spec.norms import *  # noqa: F403

__version__ = "0.1.0"
