"""How people name lemmas and theorems on the command line: T2, theorem_2, "Lemma 3'", young."""

from __future__ import annotations

import difflib
import re

from ntr_spec.errors import InputError
from ntr_spec.verify.lemmas import LEMMAS, Lemma


def named(word: str) -> Lemma:
    """The lemma or theorem that a word names.

    Raises:
        InputError: none; the message has close matches.

    >>> named("young").name, named("Holder-Lp").name
    ('young', 'holder_lp')
    """
    known = {entry.name: entry for entry in LEMMAS}
    name = full_name(word)
    if name in known:
        return known[name]
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"did you mean {', '.join(close)}?" if close else "ntr-spec prove without a name lists them all"
    raise InputError(f"prove: there is no lemma or theorem {word!r}; {hint}")


def full_name(word: str) -> str:
    """The word as a name: in lower case, with underscores, T2 and L2 in full, a prime in letters.

    >>> [full_name(word) for word in ("T2", "Theorem 2", "lemma 3'", "L4", "plan2", "Hölder_lp")]
    ['theorem_2', 'theorem_2', 'lemma_3_prime', 'lemma_4', 'plan_2', 'holder_lp']
    """
    name = re.sub(r"[\s\-.]+", "_", word.strip().lower().replace("ö", "o"))
    name = re.sub(r"['′’]$", "_prime", name)
    if found := re.fullmatch(r"(t|l|p|theorem|lemma|plan)_?([0-9]+)(_prime)?", name):
        kind = {"t": "theorem", "l": "lemma", "p": "plan"}.get(found[1], found[1])
        return f"{kind}_{found[2]}{found[3] or ''}"
    return name
