"""What the float laws ask of a backend: limits, devices, a watch on the host, the symbolic face."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, final

import numpy as np

from ntr_spec.errors import NotDeclaredError
from ntr_spec.trees import Tree, leaves, tree_map
from ntr_spec.verify.backends import Backend, StrictBackend

Array = Any


class HostReadError(Exception):
    """A value was read on the host while that was forbidden."""


@final
class Bench:
    """The :class:`ntr_spec.laws.floating.Bench` of a backend and a dtype."""

    def __init__(self, backend: Backend, dtype: str) -> None:
        info = np.finfo(dtype)
        self.backend = backend
        self.dtype = dtype
        self.eps = float(info.eps)
        self.max = float(info.max)
        flushed = backend.flushes_subnormals(dtype)
        self.smallest = float(info.smallest_normal if flushed else info.smallest_subnormal)

    def asarray(self, host: Tree) -> Tree:
        """A point of this backend and dtype from NumPy arrays."""
        return tree_map(lambda leaf: self.backend.asarray(leaf, self.dtype), host)

    def to_numpy(self, x: Tree) -> Tree:
        """NumPy copies of the leaves."""
        return tree_map(self._copied, x)

    def _copied(self, leaf: Array) -> Array:
        return np.array(leaf) if isinstance(leaf, np.ndarray | np.generic) else self.backend.to_numpy(leaf)

    def elsewhere(self, x: Tree) -> Tree:
        """The point on array-api-strict's second device; on any other backend itself."""
        backend = self.backend
        if not isinstance(backend, StrictBackend):
            return x
        return tree_map(lambda leaf: backend.elsewhere(leaf, self.dtype), self.to_numpy(x))

    def watch_host(self, function: Callable[[Tree], Any], x: Tree) -> str | None:
        """Run ``function`` where no value exists on the host; what it tried to read there, or None.

        On array-api-strict the point lies on a second device and Python's conversions raise; on JAX it is traced by
        ``jax.eval_shape``; on torch it lies on the ``meta`` device, whose arrays have shapes but no entries.
        """
        name = self.backend.name
        try:
            if name == "strict":
                point = self.elsewhere(x)
                with forbidden_conversions(type(leaves(point)[0])):
                    function(point)
            elif name == "jax":
                self.backend.library.eval_shape(function, x)
            elif name == "torch":
                function(tree_map(lambda leaf: leaf.to("meta"), x))
        except NotDeclaredError:  # the law says nothing of what is not declared
            raise
        except Exception as error:
            return f"{type(error).__name__}: {(str(error).strip().splitlines() or [''])[0][:200]}"
        return None

    def face_gap(self, subject: Any, x: Tree) -> tuple[str, str] | None:
        """See :func:`ntr_spec.verify.faces.face_gap`."""
        from ntr_spec.verify.faces import face_gap

        return face_gap(subject, self, x)


_CONVERSIONS = (
    "__bool__",
    "__float__",
    "__int__",
    "__index__",
    "__complex__",
    "__array__",
    "__buffer__",
    "__iter__",
)


@contextlib.contextmanager
def forbidden_conversions(kind: type) -> Iterator[None]:
    """While this lasts, converting an array of this class to a Python number or a NumPy array raises."""

    def refuse(name: str) -> Callable[..., Any]:
        def refused(self: Any, *args: Any, **kwargs: Any) -> Any:
            raise HostReadError(f"{name} was called on an array")

        return refused

    kept = {name: kind.__dict__[name] for name in _CONVERSIONS if name in kind.__dict__}
    for name in kept:
        setattr(kind, name, refuse(name))
    try:
        yield
    finally:
        for name, method in kept.items():
            setattr(kind, name, method)
