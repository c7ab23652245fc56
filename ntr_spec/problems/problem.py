"""``Problem``: an objective f + R whose f is written once, with its gradient by hand, for every array library.

A problem carries its data. ``problem.to("torch")`` is the same problem on torch arrays; nothing else changes.
"""

from __future__ import annotations

import abc
import dataclasses
import importlib
import math
from typing import Any, ClassVar, NamedTuple, Self, final

from ntr_spec.arrays import Namespace, admit, device_of, namespace_of
from ntr_spec.errors import InputError
from ntr_spec.norms.base import Norm
from ntr_spec.problems.baseline import Baseline
from ntr_spec.steps import Regularizer, Zero
from ntr_spec.trees import Tree, leaves, shapes, tree_map

Array = Any

LIBRARIES = {
    "numpy": "array_api_compat.numpy",
    "torch": "array_api_compat.torch",
    "jax": "jax.numpy",
    "cupy": "array_api_compat.cupy",
}
"""Array libraries that problems move to, and the module with their array API."""


class Samples(NamedTuple):
    """Labelled examples, one a row: a pytree, so that it moves between libraries as parameters do.

    Attributes:
        features: n×d.
        targets: n×k, one column a class; or n signs.
    """

    features: Array
    targets: Array

    def drawn(self, batch: int | None, seed: int, step: int | None) -> Samples:
        """The mini-batch of a step, drawn with replacement; all examples where the batch or the step is None.

        What is drawn is a pure function of seed and step (a counter-based generator), so a run that resumes at a step
        sees the batches that it would have seen.
        """
        if batch is None or step is None:
            return self
        rows = _rows(self.features.shape[0], batch, seed, step)
        xp = namespace_of(self.features)
        index = xp.asarray(rows, device=device_of(self.features))
        return Samples(xp.take(self.features, index, axis=0), xp.take(self.targets, index, axis=0))


class Problem(abc.ABC):
    """min f(x) + R(x): a smooth f with its gradient, a regularizer, a starting point and what to report.

    Concrete problems are frozen dataclasses that name in ``arrays`` the fields that move with them; ``x0`` is a field.

    Attributes:
        arrays: names of the fields that hold arrays, pytrees of them, or another problem.
        x0: where to start, an array or a pytree.
    """

    arrays: ClassVar[tuple[str, ...]]
    x0: Tree

    # ---- hooks ------------------------------------------------------------------------------------------------

    @abc.abstractmethod
    def _value_and_gradient(self, x: Tree, step: int | None, xp: Namespace) -> tuple[Array, Tree]:
        """f(x) and ∇f(x), on the mini-batch of a step where there is one. Array-API operations only."""

    def _metrics(self, x: Tree, xp: Namespace) -> dict[str, float]:
        """What else is worth knowing of a point."""
        return {}

    @property
    @abc.abstractmethod
    def norm(self) -> Norm:
        """A geometry that suits the parameters."""

    @property
    def regularizer(self) -> Regularizer:
        """R."""
        return Zero()

    def _baseline(self, steps: int) -> Baseline | None:
        """What another solver reaches on the data as NumPy arrays, given as many steps where it counts them."""
        return None

    # ---- verbs ------------------------------------------------------------------------------------------------

    @final
    def value_and_gradient(self, x: Tree) -> tuple[Array, Tree]:
        """f(x) as a 0-d array, and ∇f(x), on all the data.

        Raises:
            DTypeError, InputError: x is not a point like x0, or of another library.
        """
        return self._value_and_gradient(x, None, self._admit("value_and_gradient", x))

    @final
    def stochastic(self, x: Tree, step: int) -> tuple[Array, Tree]:
        """As :meth:`value_and_gradient`, on the mini-batch of a step (all the data where the problem has no batches).

        Raises:
            DTypeError, InputError: as there.
        """
        return self._value_and_gradient(x, int(step), self._admit("stochastic", x))

    @final
    def objective(self, x: Tree) -> float:
        """f(x) + R(x) on all the data; infinite outside the domain of R."""
        return float(self.value_and_gradient(x)[0]) + float(self.regularizer(x))

    @final
    def metrics(self, x: Tree) -> dict[str, float]:
        """What else is worth knowing of a point, such as the accuracy on examples held back."""
        return self._metrics(x, self._admit("metrics", x))

    @final
    def baseline(self, steps: int = 1000) -> Baseline | None:
        """What another solver reaches, or None where none is known.

        Args:
            steps: of the run that it is compared with, for solvers that are stopped rather than done.

        Raises:
            InputError: the solver is scikit-learn's, which is not installed.
        """
        return self.to("numpy", "float64")._baseline(steps)

    @final
    def to(self, library: str, dtype: str | None = None, device: Any = None) -> Self:
        """The same problem on arrays of another library.

        Args:
            library: ``"numpy"``, ``"torch"``, ``"jax"`` or ``"cupy"``.
            dtype: ``"float32"`` or ``"float64"``; None keeps it.
            device: as the library names it; None is its default.

        Raises:
            InputError: the library is unknown or not installed, or JAX is asked for float64 without having it enabled.

        >>> from ntr_spec.problems import Rosenbrock
        >>> Rosenbrock().to("numpy", "float32").x0
        array([-1.2,  1. ], dtype=float32)
        """
        module = _module(library)
        name = dtype or _dtype_name(leaves(self.x0)[0])
        if library == "jax" and name == "float64" and module.zeros(()).dtype != module.float64:
            raise InputError(
                f"{type(self).__name__}.to: JAX has float64 switched off; pass dtype='float32', or first call "
                "jax.config.update('jax_enable_x64', True)"
            )

        def move(leaf: Array) -> Array:
            return module.asarray(to_host(leaf), dtype=getattr(module, name), device=device)

        def moved_field(value: Any) -> Any:
            return value.to(library, name, device) if isinstance(value, Problem) else tree_map(move, value)

        moved = {field: moved_field(getattr(self, field)) for field in self.arrays}
        return dataclasses.replace(self, **moved)  # type: ignore[type-var]  # concrete problems are dataclasses

    def _admit(self, verb: str, x: Tree) -> Namespace:
        subject = f"{type(self).__name__}.{verb}"
        xp = admit(subject, x)
        mine = namespace_of(leaves(self.x0)[0])
        if xp is not mine:
            raise InputError(
                f"{subject}: the data are arrays of {mine.name}, the point of {xp.name}; use problem.to({xp.name!r})"
            )
        if shapes(x) != shapes(self.x0):
            raise InputError(f"{subject}: expected shape {shapes(self.x0)}, got {shapes(x)}; start from problem.x0")
        return xp


def check_sampling(subject: str, batch: int | None, weight: float = 0.0) -> None:
    """Raise InputError unless a batch is None or positive, and a weight a finite number of at least 0."""
    if batch is not None and batch < 1:
        raise InputError(f"{subject}: expected a batch of at least 1, got {batch}; None means all examples")
    if not 0 <= weight < math.inf:
        raise InputError(f"{subject}: expected a finite weight of at least 0, got {weight}; 0 means none")


def to_host(x: Array) -> Array:
    """A NumPy array from one of any library, without importing that library."""
    import numpy as np

    name = namespace_of(x).name
    if name == "torch":
        x = x.detach().cpu()
    return np.asarray(x.get() if name == "cupy" else x)


def _rows(count: int, batch: int, seed: int, step: int) -> Array:
    """The rows of a step's mini-batch: Philox, whose counter is the step."""
    import numpy as np

    return np.random.Generator(np.random.Philox(key=seed, counter=[0, 0, 0, step])).integers(count, size=batch)


def _module(library: str) -> Any:
    if library not in LIBRARIES:
        raise InputError(f"array library {library!r}: expected one of {', '.join(LIBRARIES)}; check the spelling")
    try:
        return importlib.import_module(LIBRARIES[library])
    except ImportError:
        raise InputError(f"array library {library}: is not installed; install it or use numpy") from None


def _dtype_name(x: Array) -> str:
    return str(x.dtype).removeprefix("torch.")
