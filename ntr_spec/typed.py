"""How a declared object is typed: its constructor call, without the arguments that have their default."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any


def typed(declared: Any) -> str:
    """The call that makes a dataclass, as short as it can be; plain functions are told by name, not by address.

    >>> from ntr_spec import Convention, LInf, TrustRegion
    >>> typed(TrustRegion(LInf(), radius=0.1, convention=Convention(start="zero")))
    "TrustRegion(norm=LInf(), radius=0.1, convention=Convention(start='zero'))"
    """
    cls: type = type(declared)
    fields = dataclasses.fields(cls) if dataclasses.is_dataclass(cls) else ()
    values = [(field, getattr(declared, field.name)) for field in fields]
    given = [f"{field.name}={_value(value)}" for field, value in values if value != field.default]
    return f"{cls.__name__}({', '.join(given)})"


def _value(value: Any) -> str:
    return str(value.__qualname__) if inspect.isroutine(value) else repr(value)
