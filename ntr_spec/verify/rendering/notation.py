"""Mathematics typed as Unicode text, read into a tree: names of symbols, and statements of lemmas.

Indices and exponents are Unicode (xᵢ, x₊, η²) or after ``_`` and ``^`` (‖g‖_*, b^{1/q}); bars are matched by nesting; a
run of three letters or more that is no function's name is a word. What cannot be matched is kept as it stands.
"""

from __future__ import annotations

import re

from ntr_spec.verify.rendering.tree import (
    Fence,
    Function,
    Letter,
    Node,
    Number,
    Root,
    Scripted,
    Sign,
    Word,
    group,
    is_sum,
    row,
)

_BELOW = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789+−=()aehijklmnoprstuvx", strict=True))
_ABOVE = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ᵃᵇᶜᵈᵉᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛˣᵀ", "0123456789+−()abcdeghijklmnoprstuvxT", strict=True))
_FUNCTIONS = frozenset(
    {
        "max",
        "min",
        "sup",
        "inf",
        "log",
        "ln",
        "exp",
        "sign",
        "lmo",
        "argmin",
        "prox",
        "proj",
        "diag",
        "dom",
        "ri",
        "rank",
    }
)
_SHORT = frozenset(
    ["is", "of", "by", "at", "in", "or", "to", "as", "if", "an", "on", "so", "it", "no", "be", "we", "up"]
)
_GREEK = {
    "alpha": "α",
    "beta": "β",
    "delta": "δ",
    "eps": "ε",
    "eta": "η",
    "kappa": "κ",
    "lambda": "λ",
    "mu": "μ",
    "phi": "φ",
    "rho": "ρ",
    "sigma": "σ",
    "tau": "τ",
    "theta": "θ",
}
_CLOSES = {"(": ")", "[": "]", "{": "}", "⟨": "⟩", "‖": "‖", "|": "|", "⌈": "⌉"}
_RUN = re.compile(r"([A-Za-zÀ-ÖØ-öø-ÿ]+(?:['’][a-z]+|-[A-Za-z]{2,})?)")
_SUM = re.compile(r"Σ([A-Za-z]*|∫)\[")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
# The star of a dual norm, or two of a bidual; not those of a power or a product that SymPy writes after it.
_STARS = re.compile(r"\*(?=\*{1,2}[^\W_]|\*{1,2}[‖⟨∇(])|\*+")
_SIGNS = re.compile(r"<=|>=|==|:=|\S")
_SAME = {"-": "−", "<=": "≤", ">=": "≥", "==": "=", "*": "∗"}


def parse(text: str) -> Node:
    """The tree of a formula or of a sentence with formulas in it.

    >>> parse("2x₊ ≤ ‖g‖_*")
    Row(items=(Number(digits='2'), Scripted(base=Letter(name='x'), below=Sign(text='+'), above=None), Sign(text='≤'), \
Scripted(base=Fence(left='‖', inside=Letter(name='g'), right='‖'), below=Sign(text='∗'), above=None)))
    """
    items, _ = _Reader(text).items(0, "")
    return row(items)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text

    def items(self, at: int, closer: str) -> tuple[list[Node], int]:
        """What stands from here to the closing bracket, which is passed, or to the end."""
        text, found = self.text, list[Node]()
        while at < len(text) and (not closer or text[at] != closer):
            if text[at].isspace():
                at += 1
                continue
            at = self._script(at, found) or self._next(at, found)
        return found, at + 1

    def _next(self, at: int, found: list[Node]) -> int:
        text = self.text
        if text[at] in _CLOSES:
            return self._fence(at, found)
        if label := _SUM.match(text, at):  # the name of a formal sum: its terms, bare
            inside, end = self.items(label.end(), "]")
            terms = row(inside)
            if label[1] == "∫":
                integral = Scripted(Letter("∫"), Number("0"), Number("1"))
                found.append(row([integral, terms, Letter("d"), Letter("t")]))
                return end
            sigma: Node = Letter("Σ")
            found.append(Scripted(sigma, row(self._run(label))) if label[1] else sigma)
            found.append(group(terms) if is_sum(terms) else terms)
            return end
        if text.startswith("Abs(", at):
            inside, end = self.items(at + 4, ")")
            found.append(Fence("|", row(inside), "|"))
            return end
        if text[at] == "√" and at + 1 < len(text):
            under: list[Node] = []
            at = self._next(at + 1, under)
            if len(under) == 1 and isinstance(under[0], Fence) and under[0].left == "(":
                under = [under[0].inside]
            found.append(Root(row(under)))
            return at
        if number := _NUMBER.match(text, at):
            variable = found and isinstance(found[-1], Letter) and text[at - 1].isascii() and text[at - 1].isalpha()
            if variable:  # x1, as SymPy's symbols are called
                found[-1] = Scripted(found[-1], Number(number[0]))
            else:
                found.append(Number(number[0]))
            return number.end()
        if run := _RUN.match(text, at):
            found.extend(self._run(run))
            return run.end()
        if text[at].isalpha() or text[at] in "∇∂∫∞⌊⌋…":
            found.append(Letter(text[at]))
            return at + 1
        sign = _SIGNS.match(text, at)
        assert sign is not None  # a character that is no space
        if sign[0] == "*" and found and _opens(text, at + 1):  # a product, as SymPy writes it
            return at + 1
        such_that = sign[0] == ":" and text[at - 1 : at].isspace()
        found.append(Sign("∶" if such_that else _SAME.get(sign[0], sign[0])))
        return sign.end()

    def _run(self, run: re.Match[str]) -> list[Node]:
        name = run[1]
        if name in _GREEK:
            return [Letter(_GREEK[name])]
        if name in _FUNCTIONS:
            return [Function(name)]
        article = name in ("a", "A", "I") and re.match(r" [A-Za-z]{3}", self.text[run.end() :])
        if len(name) > 2 or name in _SHORT or article:
            return [Word(name)]
        if name == "E" and re.match(r"\[|‖| ", self.text[run.end() :]):  # an expectation
            return [Function(name)]
        return [Letter(letter) for letter in name]

    def _fence(self, at: int, found: list[Node]) -> int:
        left = self.text[at]
        inside, end = self.items(at + 1, _CLOSES[left])
        if end > len(self.text):  # never closed
            found.append(Sign(left))
            return at + 1
        within = row(inside)
        raised = isinstance(within, Scripted) and isinstance(within.base, Fence) and left == "("
        found.append(within if raised else Fence(left, within, _CLOSES[left]))  # ((1 − α)ᵏ) needs no more brackets
        return end

    def _script(self, at: int, found: list[Node]) -> int | None:
        """The end of an index or exponent of what was found last, or None if none stands here."""
        text = self.text
        above = text[at] in _ABOVE or text[at] == "^" or text.startswith("**", at)
        star = text[at] == "*" and not _opens(text, at + 1)
        if not found or not (above or star or text[at] in _BELOW or text[at] == "_"):
            return None
        if isinstance(found[-1], Sign) and found[-1].text not in ("Σ",):
            return None
        table = _ABOVE if text[at] in _ABOVE else _BELOW
        if text[at] in table:
            end = at
            while end < len(text) and text[end] in table:
                end += 1
            script = parse("".join(table[c] for c in text[at:end]))
        elif star and not text.startswith("**", at):
            above, script, end = True, Sign("∗"), at + 1
        else:
            script, end = self._argument(at + (2 if text.startswith("**", at) else 1))
        found[-1] = _with(found[-1], script, above)
        return end

    def _argument(self, at: int) -> tuple[Node, int]:
        """What one ``_`` or ``^`` raises: stars, a group, a run of letters and digits, or one thing."""
        text = self.text
        stars = _STARS.match(text, at)
        run = re.compile(r"-?[A-Za-z0-9]+").match(text, at)
        if stars:
            return row([Sign("∗")] * len(stars[0])), stars.end()
        if run:
            return row(parse(c) for c in re.findall(r"[0-9]+|[A-Za-z]{3,}|.", run[0])), run.end()
        inside: list[Node] = []
        end = self._next(at, inside) if at < len(text) else at
        if len(inside) == 1 and isinstance(inside[0], Fence) and inside[0].left in "({":
            return inside[0].inside, end
        return row(inside), end


def _opens(text: str, at: int) -> bool:
    """Whether a factor begins after the star before here: it is then a product's, not the star of x* or R*(s)."""
    if text[at : at + 1].isalnum():
        return True
    bars = text[at : at + 1] == "‖" and not text[at - 2 : at - 1].isalpha()  # in ‖x*‖ the bar closes
    return bars or text[at : at + 1] in tuple("⟨∇")


def _with(base: Node, script: Node, above: bool) -> Node:
    old = base if isinstance(base, Scripted) else Scripted(base)
    below, raised = old.below, old.above
    if above:
        raised = script if raised is None else row([raised, script])
    else:
        below = script if below is None else row([below, Sign(","), script])
    return Scripted(old.base, below, raised)
