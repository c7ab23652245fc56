"""``SubjectKind``: everything that engines, runner and reports need to know about a kind of subject to verify it.

A subject (an instance of :attr:`SubjectKind.base`) says itself on which shapes it is to be tried: ``_shapes(dims)``
and ``_accepts(shape)``, with the meaning that they have for a norm.
"""

from __future__ import annotations

import abc
import functools
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple, TypeAlias

import numpy as np

from ntr_spec.laws import FloatLaw, Law
from ntr_spec.plotting import Picture
from ntr_spec.trees import Tree

Array = Any
AnyLaw: TypeAlias = Law | FloatLaw


class Quantity(NamedTuple):
    """A number that both faces of a subject, symbolic and numeric, must agree on.

    Attributes:
        name: how it is written.
        function: of a point.
        absolute: the error allowed, relative to the length of the point; 0: relative to the quantity alone.
    """

    name: str
    function: Callable[[Tree], Array]
    absolute: float = 0.0


class SubjectKind(abc.ABC):
    """One kind of subject.

    Attributes:
        name: how reports call one of them; a further s makes the plural.
        base: the class of which they are instances.
        partner: what reports call the notation that :meth:`partner_notation` gives; "" where there is none.
        hooks: what a user declares, for blaming the one that raised.
        chapters: the laws, in the order of reports; engines go from chapter to chapter.
        engines: the engines that know this kind.
        hint: how one is declared, for messages.
    """

    name: ClassVar[str]
    base: ClassVar[type]
    partner: ClassVar[str]
    hooks: ClassVar[tuple[str, ...]]
    chapters: ClassVar[tuple[tuple[AnyLaw, ...], ...]]
    engines: ClassVar[tuple[str, ...]]
    hint: ClassVar[str]

    @functools.cached_property
    def laws(self) -> Mapping[str, AnyLaw]:
        """The laws by name, in the order of reports."""
        return {law.name: law for chapter in self.chapters for law in chapter}

    def label(self, subject: Any, name: str = "") -> str:
        """How one is called, as it could be typed.

        Args:
            subject: it.
            name: its name in the catalogue, "" if it has none.
        """
        return repr(subject)

    @abc.abstractmethod
    def catalogue(self) -> tuple[tuple[str, Any], ...]:
        """The library's own, by name."""

    # ---- what reports say --------------------------------------------------------------------------------

    @abc.abstractmethod
    def notation(self, subject: Any) -> str:
        """The subject in mathematical notation."""

    @abc.abstractmethod
    def partner_notation(self, subject: Any) -> str:
        """What belongs to it by duality, in mathematical notation, or ""."""

    @abc.abstractmethod
    def claims(self, subject: Any) -> tuple[str, ...]:
        """What it claims to be."""

    @abc.abstractmethod
    def formulas(self, subject: Any) -> Mapping[str, tuple[str, Callable[[Tree], Tree]]]:
        """What may be read off its hooks: by name, how the argument is written and the function to trace."""

    @abc.abstractmethod
    def picture(self, subject: Any, points: tuple[Mapping[str, Any], ...]) -> Picture | None:
        """It drawn with the points of witnesses, or None where there is nothing to draw."""

    # ---- what engines do ---------------------------------------------------------------------------------

    @abc.abstractmethod
    def watched(self, subject: Any) -> Any:
        """The same subject, with what its hooks return checked for type and shape."""

    @abc.abstractmethod
    def verbs(self, subject: Any) -> tuple[Callable[[Tree], Any], ...]:
        """What users call, as functions of a point."""

    @abc.abstractmethod
    def quantities(self, subject: Any) -> tuple[Quantity, ...]:
        """What the symbolic and the numeric face must agree on."""

    @abc.abstractmethod
    def test_dims(self, subject: Any) -> tuple[int, ...]:
        """Sizes of each axis for drawn points."""

    @abc.abstractmethod
    def near(self, subject: Any, x: Tree, rng: np.random.Generator) -> Tree:
        """The drawn point, or one made of it where the subject is delicate: on an edge, at a kink."""

    @abc.abstractmethod
    def companions(self, subject: Any) -> tuple[Callable[[Tree], Tree], Callable[[Tree], Tree]]:
        """Two functions of a point that give a second one with which inequalities are tight."""

    @abc.abstractmethod
    def size(self, subject: Any, x: Tree) -> float:
        """A positive number of which a multiple is a telling radius or step at this point."""

    def follow(self, subject: Any, x: Tree) -> Tree:
        """Where the search for a point that a law asks for goes on from this one; the point itself where nowhere."""
        return x
