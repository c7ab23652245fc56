"""``ntr-spec prove``: recheck lemmas and theorems, show their proofs, alter a theorem and watch its proof fail."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from rich.console import Console
from rich.text import Text

from ntr_spec.cli.prove_altered import Alteration, alteration, explain
from ntr_spec.cli.prove_names import named
from ntr_spec.errors import InputError
from ntr_spec.verify.lemmas import LEMMAS, Lemma
from ntr_spec.verify.rendering import assumptions, label, proof_text, text
from ntr_spec.version import __version__

_STYLES = {"PROVED": "bold green", "CITED": "cyan", "FAILED": "bold red"}


@dataclasses.dataclass(frozen=True)
class Options:
    """What the command line asks for.

    Attributes:
        names: of lemmas and theorems; none: all.
        show: whether to print proofs.
        change: ``TERM=FACTOR``, for one theorem.
        without: names of assumptions to drop, for one theorem.
        json: where to write the results.
    """

    names: Sequence[str] = ()
    show: bool = False
    change: Sequence[str] = ()
    without: Sequence[str] = ()
    json: Path | None = None


def prove(options: Options, console: Console) -> bool:
    """Recheck, print one row as each proof ends, and tell whether all hold.

    Raises:
        InputError: an unknown name, term or assumption, or the proofs are not installed.
    """
    chosen = [named(word) for word in options.names] or list(LEMMAS)
    change = alteration(chosen, options.change, options.without)
    recheck = _proofs()
    results = []
    width = max(len(entry.name) for entry in chosen)
    for entry in chosen:
        if change is not None:
            entry = dataclasses.replace(entry, statement=change.statement)
        result = recheck.check(entry, **({} if change is None else change.options))
        results.append(result)
        # What an altered theorem fails for is told in words below.
        _print_row(recheck.row(result, width, reason=change is None), result.status, console)
        if options.show:
            _print_proof(entry, result, console)
    if change is not None:
        for line in explain(change, results[0], recheck.check):
            console.print(Text(f"  {line}"))
    console.print(Text(recheck.counts(results)))
    ok = all(result.ok for result in results)
    if options.json is not None:
        _write(options.json, results, change, ok)
    return ok


def _proofs() -> ModuleType:
    """The module that rechecks; SymPy is imported no earlier than here."""
    try:
        from proofs import recheck
    except ModuleNotFoundError as error:
        if error.name not in ("proofs", "proofs.recheck"):
            raise
        raise InputError(
            "prove: the package of proofs is not installed; run this in a checkout of ntr-spec, or reinstall it"
        ) from None
    return recheck


def _print_row(row: str, status: str, console: Console) -> None:
    line = Text(row, overflow="fold")
    line.highlight_regex(rf" {status} ", style=_STYLES[status])
    console.print(line, soft_wrap=not console.is_terminal)


def _print_proof(entry: Lemma, result: Any, console: Console) -> None:
    if entry.cited:
        console.print(Text(f"  cited from {entry.source}; not proved here\n"))
        return
    if not result.proved:
        return
    wide = console.width if console.is_terminal else 100
    for line in proof_text(result.proved, width=max(40, wide - 2)).splitlines():
        console.print(Text(f"  {line}"), soft_wrap=True)
    rests = "; ".join(text(label(name)) for name in assumptions(result.proved))
    console.print(Text(f"  rests on: {rests or 'nothing but the domains of the symbols'}\n"), soft_wrap=True)


def _write(path: Path, results: Sequence[Any], change: Alteration | None, ok: bool) -> None:
    found = {
        "version": __version__,
        "ok": ok,
        "counts": {s: sum(r.status == s for r in results) for s in _STYLES},
        "altered": None if change is None else change.to_json(),
        "results": [
            {
                "name": result.lemma.name,
                "status": result.status,
                "statement": result.lemma.statement,
                "source": result.lemma.source,
                "seconds": round(result.seconds, 3),
                "facts": result.facts,
                "cites": list(result.cites),
                "rests_on": list(assumptions(result.proved)),
                "failure": result.failure,
            }
            for result in results
        ],
    }
    try:
        path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); choose another path") from None
