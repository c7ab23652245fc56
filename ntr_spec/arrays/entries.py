"""Code that works entry by entry, read as CUDA C: what a kernel computes is written down once, as array code.

A function of arrays that only adds, multiplies, compares and selects is called with :class:`Entry` in place of arrays
and :class:`Entries` in place of the namespace; what it does to them is the body of an element-wise kernel, with one
statement per operation, so that every intermediate result is rounded as NumPy would round it. A function that does
anything else (sums, shapes, indices, branches on values, two arrays at once) raises :class:`NotEntrywiseError`, and has
no such kernel.
"""

from __future__ import annotations

import itertools
import math
from typing import Any, final


class NotEntrywiseError(Exception):
    """The function does something that is not done entry by entry."""


@final
class Entry:
    """One entry of an array inside a kernel, of the arrays' own type ``T``, or a ``bool``.

    >>> body = Body()
    >>> x = body.entry("x")
    >>> _ = -x * 2.0
    >>> body.statements
    ['T t0 = -x;', 'T t1 = t0 * T(2.0);']
    """

    __slots__ = ("_body", "_name")

    ndim = 1  # it stands for a vector

    def __init__(self, body: Body, name: str) -> None:
        self._body = body
        self._name = name

    def __neg__(self) -> Entry:
        return self._body.note(f"-{self._name}")

    def __add__(self, other: Any) -> Entry:
        return self._body.binary(self, "+", other)

    def __radd__(self, other: Any) -> Entry:
        return self._body.binary(other, "+", self)

    def __sub__(self, other: Any) -> Entry:
        return self._body.binary(self, "-", other)

    def __rsub__(self, other: Any) -> Entry:
        return self._body.binary(other, "-", self)

    def __mul__(self, other: Any) -> Entry:
        return self._body.binary(self, "*", other)

    def __rmul__(self, other: Any) -> Entry:
        return self._body.binary(other, "*", self)

    def __truediv__(self, other: Any) -> Entry:
        return self._body.binary(self, "/", other)

    def __rtruediv__(self, other: Any) -> Entry:
        return self._body.binary(other, "/", self)

    def __lt__(self, other: Any) -> Entry:
        return self._body.binary(self, "<", other, "bool")

    def __le__(self, other: Any) -> Entry:
        return self._body.binary(self, "<=", other, "bool")

    def __gt__(self, other: Any) -> Entry:
        return self._body.binary(self, ">", other, "bool")

    def __ge__(self, other: Any) -> Entry:
        return self._body.binary(self, ">=", other, "bool")

    def __eq__(self, other: object) -> Entry:  # type: ignore[override]  # arrays compare entry by entry
        return self._body.binary(self, "==", other, "bool")

    __hash__ = None  # type: ignore[assignment]  # as arrays

    def __bool__(self) -> bool:
        raise NotEntrywiseError("a branch on a value")

    def __getattr__(self, name: str) -> Any:
        raise NotEntrywiseError(f".{name}")


@final
class Body:
    """The statements of one kernel, as they are recorded."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self._count = itertools.count()

    def entry(self, name: str) -> Entry:
        """An argument of the kernel."""
        return Entry(self, name)

    def note(self, expression: str, kind: str = "T") -> Entry:
        """Record an expression, and give the entry that holds its value."""
        name = f"t{next(self._count)}"
        self.statements.append(f"{kind} {name} = {expression};")
        return Entry(self, name)

    def binary(self, left: Any, operator: str, right: Any, kind: str = "T") -> Entry:
        """Record ``left operator right``."""
        return self.note(f"{self.text(left)} {operator} {self.text(right)}", kind)

    def text(self, value: Any) -> str:
        """A value as CUDA C.

        Raises:
            NotEntrywiseError: it is neither a finite number nor an entry of this kernel.
        """
        if isinstance(value, Entry) and value._body is self:
            return str(value._name)
        if isinstance(value, int | float) and math.isfinite(value):
            return f"T({float(value)!r})"
        raise NotEntrywiseError(f"{type(value).__name__} beside an entry of one array")


@final
class Entries:
    """The namespace beside :class:`Entry`: those functions of the array API that have a meaning for one entry.

    NaN passes through ``sign``, ``maximum`` and ``minimum``, as the standard wants.
    """

    exact = False
    name = "entries"
    certificates = None

    def __getattr__(self, name: str) -> Any:
        raise NotEntrywiseError(f"xp.{name}")

    def sign(self, x: Any) -> Entry:
        """−1, 0, 1 or NaN."""
        body, (x,) = _texts(x)
        return body.note(f"{x} != {x} ? {x} : T(float(T(0.0) < {x}) - float({x} < T(0.0)))")

    def abs(self, x: Any) -> Entry:
        """|x|."""
        body, (x,) = _texts(x)
        return body.note(f"{x} < T(0.0) ? T(-{x}) : ({x} == T(0.0) ? T(0.0) : {x})")

    def isnan(self, x: Any) -> Entry:
        """Whether x is NaN."""
        body, (x,) = _texts(x)
        return body.note(f"{x} != {x}", "bool")

    def where(self, condition: Any, x: Any, y: Any) -> Entry:
        """x if the condition holds, else y."""
        body, (condition, x, y) = _texts(condition, x, y)
        return body.note(f"{condition} ? {x} : {y}")

    def maximum(self, x: Any, y: Any) -> Entry:
        """The larger one; NaN if either is."""
        body, (x, y) = _texts(x, y)
        return body.note(f"{x} != {x} || {x} > {y} ? {x} : {y}")

    def minimum(self, x: Any, y: Any) -> Entry:
        """The smaller one; NaN if either is."""
        body, (x, y) = _texts(x, y)
        return body.note(f"{x} != {x} || {x} < {y} ? {x} : {y}")


def _texts(*values: Any) -> tuple[Body, list[str]]:
    """The kernel that entries belong to, and values as CUDA C in it."""
    for value in values:
        if isinstance(value, Entry):
            body: Body = value._body
            return body, [body.text(other) for other in values]
    raise NotEntrywiseError("no entry among the arguments")
