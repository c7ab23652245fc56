"""Errors that a user of ntr_spec can meet.

Every message is one sentence naming the subject, the fact and the remedy, e.g.
``LInf.lmo: expected a floating array, got int64; cast with x.astype(float)``.
"""

from __future__ import annotations

from typing import Any


class NtrError(Exception):
    """Base of every error that ntr_spec raises on purpose."""


class InputError(NtrError, ValueError):
    """An argument has a wrong shape, structure or range."""


class DTypeError(NtrError, TypeError):
    """An argument is not a real floating array of a supported library."""


class NotDeclaredError(NtrError, NotImplementedError):
    """A norm was asked for something optional that its declaration leaves out."""


class UntraceableError(NtrError):
    """A hook used an operation that the symbolic namespace does not have, or branched on a value."""


class InfeasibleError(NtrError, ValueError):
    """A trust-region subproblem has no feasible point: the ball does not meet the regularizer's domain."""


class StepError(NtrError, ArithmeticError):
    """A trust-region subproblem was not solved to the tolerance asked for.

    Attributes:
        step: the best feasible :class:`ntr_spec.steps.Step` found, or None if there is none.
    """

    def __init__(self, message: str, step: Any = None) -> None:
        super().__init__(message)
        self.step = step
