"""experiments.md: its text is written by hand, its numbers are put between markers from the committed summaries."""

from __future__ import annotations

import json
import pathlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ntr_spec.experiments import EXPERIMENTS

PAGES = pathlib.Path(__file__).parent / "pages"
_BLOCK = re.compile(r"(<!-- found: (\w+) -->\n).*?(<!-- end -->)", re.S)

# Which records of a summary are printed as a table, and the headings of its columns where they are not its own.
TABLES: Mapping[str, Mapping[str, Mapping[str, str] | None]] = {
    "bounds": {"largest ratios": None, "terms found out": None},
    "rates": {"orders": None},
    "extrapolation": {"gains": None},
    "decay": {"relative gaps": None},
    "orthogonal": {
        "tuned": {
            "noise": "noise",
            "sigma": "σ",
            "before": "gap, before",
            "after": "gap, after",
            "before_alpha": "α, before",
            "after_alpha": "α, after",
            "before_radius": "η, before",
            "after_radius": "η, after",
        }
    },
    "clipping": {
        "best": {
            "norm": "norm",
            "place": "x*",
            "sigma": "σ",
            "decay": "gap, decay",
            "clipping": "gap, clipping",
            "decay_radius": "η, decay",
            "clipping_radius": "η, clipping",
            "theorem_3": "theorem 3, of decay",
        }
    },
    "dimension": {
        "growth": {
            "norm": "norm",
            "from": "from d =",
            "to": "to d =",
            "spread": "error grows, noise on all entries",
            "one entry": "error grows, noise on one",
        },
        "plans": {
            "entries": "d, norm ℓ₁, noise on all entries",
            "eps": "ε",
            "plan": "K of theorem 2's plan with ρσ",
            "plan_dual": "K with κσ_*",
        },
    },
    "inexact": {
        "solvers": {
            "coefficients": "LMO",
            "iterations": "steps",
            "delta_mean": "δ, mean",
            "delta_max": "δ, largest",
            "raw_length_max": "‖O‖₂ undivided",
            "T1_error": "min ‖∇f‖_*, T1",
            "T1_of_bound": "of its bound, at most",
            "T2_error": "min ‖∇f‖_*, T2",
            "T2_of_bound": "of its bound, at most",
        }
    },
}


def page() -> str:
    """The page with the numbers of the committed summaries."""
    text = (PAGES / "experiments.md").read_text(encoding="utf-8")
    return _BLOCK.sub(lambda match: match[1] + found(match[2]) + match[3], text)


def found(name: str) -> str:
    """What a block says of an experiment: its claims, its tables, the command."""
    summary = json.loads((PAGES / "results" / name / "summary.json").read_text(encoding="utf-8"))
    lines = [f"- {plain(e['claim'])}" + ("" if e["holds"] else " (**does not hold**)") for e in summary["claims"]]
    for word, key in (("Established", "established"), ("Measured", "measure"), ("Besides, not a claim", "also")):
        lines += ["", f"{word}: {plain(summary[key])}"] if key in summary else []
    for key, columns in TABLES[name].items():
        if summary.get(key):
            lines += ["", *table(summary[key], columns)]
    options = " --small" * (summary["size"] == "small") + f" --seed {summary['seed']}" * (summary["seed"] != 0)
    lines += ["", f"{summary['rows']} rows; again: `ntr-spec experiment {name}{options}`."]
    assert EXPERIMENTS[name].name == summary["experiment"]
    return "\n".join(lines) + "\n"


def table(records: Sequence[Mapping[str, Any]], columns: Mapping[str, str] | None) -> list[str]:
    """Records as a table in Markdown."""
    shown = columns or {name: name for name in records[0]}
    lines = ["| " + " | ".join(map(plain, shown.values())) + " |", "|" + "---|" * len(shown)]
    for record in records:
        cells = [plain(written(record.get(name))).replace("|", "\\|") for name in shown]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def plain(words: str) -> str:
    """Words of which Markdown makes nothing: x* and ‖·‖_* as they are."""
    return re.sub(r"([*_])", r"\\\1", words)


def written(value: Any) -> str:
    """A value as the page shows it."""
    if value is None:
        return "–"
    return f"{value:.3g}" if isinstance(value, float) else str(value)
