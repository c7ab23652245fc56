"""Runs as JSON. The format, version 1; every field is always present, times are in seconds:

    {"format": "ntr-spec run", "version": 1,
     "ok": bool, "complete": bool, "asked": int, "seconds": float,
     "counts": {"PROVED": int, "DERIVED": int, "TESTED": int, "REFUTED": int, "UNDECIDED": int, "SKIPPED": int},
     "environment": {name: version},
     "settings": {"shapes": [str] | null, "dims": [int], "max_examples": int, "backends": [str],
                  "timeout": float, "seed": int},
     "norms": [{"kind": KIND, "name": str, "notation": str, "dual": str, "claims": [str], "origin": str,
                "ok": bool, "complete": bool, "seconds": float, "findings": [FINDING]}]}

    FINDING  {"law": str, "statement": str, "status": STATUS, "ok": bool, "scope": str, "reason": str, "engine": str,
              "lemmas": [str], "expected": str | null, "seconds": float, "witness": WITNESS | null,
              "evidence": [EVIDENCE]}
    EVIDENCE {"engine": str, "status": STATUS, "scope": str, "reason": str, "lemmas": [str], "seconds": float,
              "witness": WITNESS | null}
    WITNESS  {"inputs": {variable: str}, "points": {variable: nested lists}, "relation": str, "context": str,
              "note": str}
    STATUS   one of the keys of "counts"
    KIND     "norm", "regularizer", "method" or "problem"; "dual" is a regularizer's conjugate, empty for the last two

Numbers that JSON cannot hold are the strings "nan", "inf" and "-inf".
"""

from __future__ import annotations

import json
import math
from typing import Any

from ntr_spec.verify.findings import Evidence, Finding, Witness
from ntr_spec.verify.report import Report, Run
from ntr_spec.verify.settings import Settings

FORMAT = "ntr-spec run"
VERSION = 1


def json_text(run: Run) -> str:
    """A run as JSON text, indented, in ASCII."""
    return json.dumps(record(run), indent=1, allow_nan=False) + "\n"


def record(run: Run) -> dict[str, Any]:
    """A run as dictionaries, lists, strings, numbers, booleans and None."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "ok": run.ok,
        "complete": run.complete,
        "asked": run.asked,
        "seconds": _seconds(run.seconds),
        "counts": {status.value: number for status, number in run.counts.items()},
        "environment": dict(run.environment),
        "settings": _settings(run.settings),
        "norms": [_report(report) for report in run.reports],
    }


def _settings(settings: Settings) -> dict[str, Any]:
    return {
        "shapes": None if settings.shapes is None else [str(shape) for shape in settings.shapes],
        "dims": list(settings.dims),
        "max_examples": settings.max_examples,
        "backends": list(settings.backends),
        "timeout": settings.timeout,
        "seed": settings.seed,
    }


def _report(report: Report) -> dict[str, Any]:
    return {
        "kind": report.kind,
        "name": report.name,
        "notation": report.notation,
        "dual": report.dual,
        "claims": list(report.claims),
        "origin": report.origin,
        "ok": report.ok,
        "complete": report.complete,
        "seconds": _seconds(report.seconds),
        "findings": [_finding(finding) for finding in report.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "law": finding.law,
        "statement": finding.statement,
        "status": finding.status.value,
        "ok": finding.ok,
        "scope": finding.scope,
        "reason": finding.reason,
        "engine": finding.engine,
        "lemmas": list(finding.lemmas),
        "expected": finding.expected,
        "seconds": _seconds(finding.seconds),
        "witness": _witness(finding.witness),
        "evidence": [_evidence(evidence) for evidence in finding.evidence],
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "engine": evidence.engine,
        "status": evidence.status.value,
        "scope": evidence.scope,
        "reason": evidence.reason,
        "lemmas": list(evidence.lemmas),
        "seconds": _seconds(evidence.seconds),
        "witness": _witness(evidence.witness),
    }


def _witness(witness: Witness | None) -> dict[str, Any] | None:
    if witness is None:
        return None
    return {
        "inputs": dict(witness.inputs),
        "points": {name: _plain(value) for name, value in witness.points.items()},
        "relation": witness.relation,
        "context": witness.context,
        "note": witness.note,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, bool | str) or value is None:
        return value
    number = float(value)
    return number if math.isfinite(number) else str(number)


def _seconds(value: float) -> float:
    return round(value, 4)
