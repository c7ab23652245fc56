"""``Writer``: a tree of formulas in some format: the walk over the tree, and what stands beside what, written once."""

from __future__ import annotations

import abc

from ntr_spec.verify.rendering.tree import (
    Fence,
    Fraction,
    Function,
    Letter,
    Node,
    Number,
    Root,
    Row,
    Scripted,
    Sign,
    Word,
)


class Writer(abc.ABC):
    """One format."""

    def write(self, node: Node) -> str:
        """The formula, without what marks it as one in a document."""
        match node:
            case Letter(name):
                return self._letter(name)
            case Number(digits):
                return self._number(digits)
            case Word(text):
                return self._word(text)
            case Function(name):
                return self._function(name)
            case Sign():
                return self._sign(node, [])
            case Row():
                return self._row(node)
            case Scripted(Word(text), below, above):  # close to its index
                return self._scripted(Function(text), below, above)
            case Scripted(base, below, above):
                return self._scripted(base, below, above)
            case Fraction(above, below):
                return self._fraction(above, below)
            case Root(inside):
                return self._root(inside)
            case Fence(left, inside, right):
                return self._fence(left, self.write(inside), right)

    def _row(self, node: Row) -> str:
        items = _sentences(node.items)
        parts = []
        for k, item in enumerate(items):
            before, after = items[:k], items[k + 1 :]
            if isinstance(item, Sign):
                parts.append(self._sign(item, before))
            elif isinstance(item, Fraction) and after and _is_factor(after[0]):
                parts.append(self._coefficient(item))
            else:
                parts.append(self.write(item))
            named = isinstance(item, Function) or (isinstance(item, Scripted) and isinstance(item.base, Function))
            if named and after and not isinstance(_base(after[0]), (Fence, Sign, Word)):
                parts.append(self._space())
        return "".join(parts)

    @abc.abstractmethod
    def _letter(self, name: str) -> str: ...

    @abc.abstractmethod
    def _number(self, digits: str) -> str: ...

    @abc.abstractmethod
    def _word(self, text: str) -> str: ...

    @abc.abstractmethod
    def _function(self, name: str) -> str: ...

    @abc.abstractmethod
    def _sign(self, sign: Sign, before: list[Node]) -> str: ...

    @abc.abstractmethod
    def _scripted(self, base: Node, below: Node | None, above: Node | None) -> str: ...

    @abc.abstractmethod
    def _fraction(self, above: Node, below: Node) -> str: ...

    def _coefficient(self, fraction: Fraction) -> str:
        return self.write(fraction)

    @abc.abstractmethod
    def _root(self, inside: Node) -> str: ...

    @abc.abstractmethod
    def _fence(self, left: str, inside: str, right: str) -> str: ...

    @abc.abstractmethod
    def _space(self) -> str: ...


def _sentences(items: tuple[Node, ...]) -> list[Node]:
    """The items, neighbouring words joined."""
    found: list[Node] = []
    for item in items:
        if isinstance(item, Word) and found and isinstance(found[-1], Word):
            found[-1] = Word(f"{found[-1].text} {item.text}")
        else:
            found.append(item)
    return found


def _base(node: Node) -> Node:
    return node.base if isinstance(node, Scripted) else node


def _is_factor(node: Node) -> bool:
    return node == Sign("·") or not isinstance(node, (Sign, Word))


def is_binary(before: list[Node]) -> bool:
    """Whether an operator has something to its left."""
    if not before or isinstance(before[-1], Word):
        return False
    return not isinstance(before[-1], Sign) or before[-1].text in ("∗", "!", "·", "…")
