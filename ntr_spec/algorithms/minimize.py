"""``minimize``: the loop around a method, with stop rules, a history and checkpoints.

Nothing here is needed to train: ``state = method.update(state, gradient at state.query)`` is the whole algorithm.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import numbers
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, final

from ntr_spec.algorithms.checkpoint import check_target, read, write
from ntr_spec.algorithms.history import History, Record
from ntr_spec.algorithms.method import Method, State, check_alike
from ntr_spec.arrays import namespace_of
from ntr_spec.arrays.bits import detached
from ntr_spec.errors import InputError, NtrError
from ntr_spec.trees import Tree, leaves, tree_map

Array = Any
Reason = Literal["steps", "tolerance", "seconds", "callback"]


class NonFiniteError(NtrError, ArithmeticError):
    """A gradient or an iterate is infinite or NaN.

    Attributes:
        state: the last finite state; the gradient was wanted at ``state.query``.
        history: what was recorded until then.
    """

    def __init__(self, message: str, state: State, history: History) -> None:
        super().__init__(message)
        self.state = state
        self.history = history

    def __reduce__(self) -> tuple[type[NonFiniteError], tuple[str, State, History]]:
        return (NonFiniteError, (str(self), self.state, self.history))


@final
@dataclasses.dataclass(frozen=True)
class Result:
    """Where a run ended.

    Attributes:
        state: the last state.
        history: the recorded steps.
        reason: why it ended: ``"steps"``, ``"tolerance"``, ``"seconds"`` or ``"callback"``.
    """

    state: State
    history: History
    reason: Reason

    @property
    def x(self) -> Tree:
        """The last iterate."""
        return self.state.x

    @property
    def steps(self) -> int:
        """How many updates led there."""
        return int(self.state.step)


def minimize(
    gradient_fn: Callable[..., Any],
    x0: Tree | State,
    method: Method,
    steps: int = 1000,
    callback: Callable[[State], Any] | None = None,
    *,
    with_value: bool = False,
    by_step: bool = False,
    tolerance: float | None = None,
    seconds: float | None = None,
    record_every: int = 10,
    progress: Callable[[Record], Any] | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    every: int = 100,
    resume: bool = False,
) -> Result:
    """Run a method from x₀ until ``steps`` updates are made or a stop rule holds.

    Numbers are fetched from a device for a step's record, and two truth values at every step: whether all is finite.

    Args:
        gradient_fn: ``gradient_fn(x)`` gives the gradient, an array or pytree like x; it is not shown where x leads.
        x0: the start, an array or pytree of arrays; or a State to go on from, that of another method say.
        method: such as ``TrustRegion(norm)`` or a preset.
        steps: how many updates to make in all, those before a resumed checkpoint included.
        callback: called with the state after every update; the run stops when it returns something true.
        with_value: ``gradient_fn`` gives ``(value, gradient)``, as ``jax.value_and_grad`` does.
        by_step: ``gradient_fn`` also takes the step's index: draw the sample from it, and a resumed run repeats it.
        tolerance: stop where the dual norm of a recorded gradient is at most this, before the step that would lead
            away; without regularizer only.
        seconds: stop after so much time in this call.
        record_every: which steps to record: every so many, and the last.
        progress: called with every :class:`Record`.
        checkpoint: a file to save to; it is also written at the end, on Ctrl-C and on an error.
        every: save after every so many updates.
        resume: go on from the checkpoint if there is one; without it, a new run replaces one of the same method.

    Raises:
        NonFiniteError: a gradient or iterate is not finite; carries the last finite state, which is saved as well.
        CheckpointError: the checkpoint is damaged, of another method or other parameters, or cannot be written.
        DTypeError, InputError: x₀ or a gradient is not fit for the method, or an argument is out of range.

    >>> import numpy as np
    >>> from ntr_spec import L2, TrustRegion
    >>> result = minimize(lambda x: x - 3.0, np.zeros(1), TrustRegion(L2(), radius=0.5, momentum=0.0), steps=6)
    >>> result.x.tolist(), result.steps, result.reason
    ([3.0], 6, 'steps')
    """
    _check_arguments(method, steps, tolerance, seconds, record_every, every, checkpoint, resume)
    # Detached, or every step would be recorded, and kept, for differentiation.
    state = x0 if isinstance(x0, State) else method.init(tree_map(detached, x0))
    records, spent = list[Record](), 0.0
    if checkpoint is not None:
        checkpoint = Path(os.path.abspath(checkpoint))  # wherever gradient_fn may change to
        check_target(checkpoint, method)
        if resume and Path(checkpoint).exists():
            state, extra = read(checkpoint, method, state.x)
            if "history" in extra:  # save_state writes none
                records = [record for record in History.from_array(extra["history"]) if record.step < state.step]
                spent = float(extra["seconds"])
            if records and state.step < steps and records[-1].step % record_every:
                records.pop()  # it closed a run that now goes on
    start = time.perf_counter()
    reason: Reason = "steps"
    # What is there already is left alone until this run has made a step.
    saved = int(state.step) if checkpoint is not None and Path(checkpoint).exists() else -1

    def elapsed() -> float:
        return spent + time.perf_counter() - start

    def history() -> History:
        done = state.step if reason != "tolerance" else state.step + 1
        return History(tuple(record for record in records if record.step < done))

    def save() -> None:
        nonlocal saved
        if checkpoint is not None and saved != state.step:
            write(checkpoint, state, method, _extra(history(), elapsed()))
            saved = int(state.step)

    def note(value: Any, gradient: Tree, new: State) -> Record:
        records.append(_record(method, state, new, value, gradient, elapsed()))
        if progress is not None:
            progress(records[-1])
        return records[-1]

    try:
        while state.step < steps:
            k = int(state.step)
            value, gradient = _evaluate(gradient_fn, state.query, k, with_value, by_step)
            gradient = tree_map(detached, gradient)
            check_alike("minimize", "gradient", gradient, state.momentum)
            if not _all_finite(gradient):
                raise NonFiniteError(
                    f"minimize: the gradient at step {k} is not finite; the error has the last finite state, look at "
                    "gradient_fn(error.state.query)",
                    state,
                    history(),
                )
            recorded = k % record_every == 0 or k == steps - 1
            if recorded and tolerance is not None and float(method.dual_length(gradient)) <= tolerance:
                reason = "tolerance"  # here, where the gradient is small, not one step of length η away
                note(value, gradient, state)
                break
            new = method.update(state, gradient)
            if not _all_finite(new.x, new.momentum):
                raise NonFiniteError(
                    f"minimize: step {k} leaves the range of its dtype; the error has the last finite state, lower the "
                    "radius or use a wider dtype",
                    state,
                    history(),
                )
            if recorded:
                note(value, gradient, new)
            state = new
            if callback is not None and callback(state):
                reason = "callback"
                break
            if seconds is not None and time.perf_counter() - start >= seconds:
                reason = "seconds"
                break
            if state.step % every == 0:
                save()
    finally:  # also when Ctrl-C or an error ends the run: what was done is kept
        save()
    return Result(state, history(), reason)


def _evaluate(gradient_fn: Callable[..., Any], x: Tree, step: int, with_value: bool, by_step: bool) -> tuple[Any, Tree]:
    found = gradient_fn(x, step) if by_step else gradient_fn(x)
    if not with_value:
        return None, found
    if not (isinstance(found, tuple) and len(found) == 2):
        raise InputError(
            f"minimize: expected gradient_fn to give (value, gradient), got {type(found).__name__}; return both"
        )
    return found


def _record(method: Method, state: State, new: State, value: Any, gradient: Tree, seconds: float) -> Record:
    settings = method.settings(int(state.step))
    return Record(
        int(state.step),
        math.nan if value is None else _number(value),
        float(method.dual_length(gradient)),
        settings.get("radius", math.nan),
        settings.get("decay", math.nan),
        float(method.length(tree_map(lambda a, b: a - b, new.x, state.x))),
        seconds,
    )


def _number(value: Any) -> float:
    """A value as a float.

    Raises:
        InputError: it is no number.
    """
    try:
        return float(detached(value))
    except (TypeError, ValueError, RuntimeError):  # torch raises the last for more than one entry
        raise InputError(
            f"minimize: expected gradient_fn to give a number as the value, got {value!r}; reduce it to one"
        ) from None


def _all_finite(*trees: Tree) -> bool:
    found = [leaf for tree in trees for leaf in leaves(tree)]
    xp = namespace_of(found[0])
    return bool(functools.reduce(xp.logical_and, [xp.all(xp.isfinite(leaf)) for leaf in found]))


def _extra(history: History, seconds: float) -> dict[str, Array]:
    import numpy as np

    return {"history": history.to_array(), "seconds": np.asarray(seconds)}


def _check_arguments(
    method: Method,
    steps: Any,
    tolerance: Any,
    seconds: Any,
    record_every: Any,
    every: Any,
    checkpoint: object,
    resume: bool,
) -> None:
    if not isinstance(method, Method):
        raise InputError(f"minimize: expected a method, got {method!r}; pass one such as TrustRegion(L2())")
    for name, number, least in (("steps", steps, 0), ("record_every", record_every, 1), ("every", every, 1)):
        if isinstance(number, bool) or not isinstance(number, numbers.Integral) or number < least:
            raise InputError(f"minimize: expected {name} to be a whole number of at least {least}, got {number!r}")
    for name, limit in (("tolerance", tolerance), ("seconds", seconds)):
        if limit is not None and not (isinstance(limit, numbers.Real) and float(limit) >= 0):
            raise InputError(f"minimize: expected {name} to be a number of at least 0, got {limit!r}")
    if tolerance is not None and method.composite:
        raise InputError(
            "minimize: with a regularizer a small gradient does not tell a stationary point; drop the tolerance and "
            "stop with a callback"
        )
    if checkpoint is not None and not isinstance(checkpoint, str | os.PathLike):
        raise InputError(f"minimize: expected the checkpoint to be a path, got {checkpoint!r}; pass a file's name")
    if resume and checkpoint is None:
        raise InputError("minimize: there is nothing to resume from; pass checkpoint=PATH")
