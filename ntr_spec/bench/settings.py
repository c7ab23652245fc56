"""``Settings``: what a benchmark measures, and for how long."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any, final

from ntr_spec.bench.devices import LIBRARIES
from ntr_spec.bench.judge import GEOMETRIES
from ntr_spec.bench.matrices import SPECTRA
from ntr_spec.bench.places import DTYPES
from ntr_spec.errors import InputError

SHAPES = ((256, 256), (1024, 1024), (2048, 512), (128, 64, 64))
"""Where nothing else is asked for; three numbers are a stack of matrices."""

SHAPES_OF_CHOICES = (
    (64, 64),
    (128, 128),
    (256, 256),
    (512, 512),
    (1024, 1024),
    (2048, 2048),
    (1024, 512),
    (512, 128),
    (2048, 512),
    (4096, 1024),
    (128, 64, 64),
)
"""Where nothing else is asked for and the table of choices is renewed: a bucket each."""


@final
@dataclasses.dataclass(frozen=True)
class Settings:
    """What to measure. Every combination of the tuples that exists is a table of its own.

    Attributes:
        shapes: of matrices (m, n), or of stacks of them (k, m, n).
        dtypes: of the points.
        libraries: None: all that can be used here.
        device: None: each library's first card if it has one, else the processor.
        spectra: how singular values are laid out; see :func:`ntr_spec.bench.matrices.matrices`.
        norms: ``"spectral"``, ``"nuclear"``.
        solvers: norms to measure instead of the package's own list, such as ``Spectral(polar=PolarExpress(steps=7))``.
        repeat: rounds at most.
        seconds: for the rounds of one table; three are run in any case.
        memory: calls over which the growth of memory is measured; 0: it is not.
        seed: of the matrices and of the order of calls.

    Raises:
        InputError: a value is out of its range, or nothing is asked for.
    """

    shapes: tuple[tuple[int, ...], ...] = SHAPES
    dtypes: tuple[str, ...] = ("float32",)
    libraries: tuple[str, ...] | None = None
    device: str | None = None
    spectra: tuple[str, ...] = ("gaussian",)
    norms: tuple[str, ...] = ("spectral",)
    solvers: tuple[Any, ...] | None = None
    repeat: int = 15
    seconds: float = 10.0
    memory: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        for option, given, known in (
            ("--dtype", self.dtypes, DTYPES),
            ("--library", self.libraries, LIBRARIES),
            ("--spectrum", self.spectra, SPECTRA),
            ("--norm", self.norms, tuple(GEOMETRIES)),
        ):
            if given == ():
                raise InputError(f"{option}: expected at least one of {', '.join(known)}; leave it out for the default")
            for one in given or ():
                if one not in known:
                    raise InputError(f"{option} {one}: expected one of {', '.join(known)}; check the spelling")
        if not self.shapes or any(len(shape) not in (2, 3) or min(shape) < 1 for shape in self.shapes):
            raise InputError(
                f"--shape: expected matrices such as 1024x512 or stacks such as 128x64x64, got {self.shapes!r}; "
                "write two or three positive numbers"
            )
        for option, number, least in (
            ("--repeat", self.repeat, 1),
            ("--memory", self.memory, 0),
            ("--seed", self.seed, 0),
        ):
            if number < least:
                raise InputError(f"{option}: expected a whole number of at least {least}, got {number}")
        if not 0 <= self.seconds < math.inf:
            raise InputError(f"--seconds: expected a number of at least 0, got {self.seconds}")

    def as_json(self) -> dict[str, Any]:
        """Of JSON's types."""
        found = dataclasses.asdict(self)
        found["solvers"] = None if self.solvers is None else [repr(each) for each in self.solvers]
        return found


def shape_from(text: str) -> tuple[int, ...]:
    """``1024x512`` or ``128x64x64``.

    Raises:
        InputError: it is neither.

    >>> shape_from("128x64x64")
    (128, 64, 64)
    """
    parts = text.lower().replace("×", "x").split("x")
    if len(parts) not in (2, 3) or not all(part.strip().isdecimal() and int(part) > 0 for part in parts):
        raise InputError(
            f"--shape {text}: expected a matrix such as 1024x512 or a stack such as 128x64x64; "
            "write two or three positive numbers with x between them"
        )
    return tuple(int(part) for part in parts)


def written(shape: Sequence[int]) -> str:
    """A shape, as people write it.

    >>> written((128, 64, 64)), written((4096, 1024))
    ('128 × (64×64)', '4096×1024')
    """
    matrix = "×".join(map(str, shape[-2:]))
    return f"{shape[0]} × ({matrix})" if len(shape) == 3 else matrix
