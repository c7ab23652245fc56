"""Reports as plain text: aligned columns, no colour, readable in a pipe. Refutations show both sides evaluated."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator

from ntr_spec.verify.findings import Evidence, Finding, Status, Witness
from ntr_spec.verify.report import Report, Run
from ntr_spec.verify.subjects import KINDS, kind_named

_STATUS = max(len(status.value) for status in Status)
_WIDTH = 118


def heading(report: Report) -> str:
    """``L1()   ‖x‖₁``, and where it was declared."""
    where = f"   ({report.origin})" if report.origin else ""
    return f"{title(report.kind, report.name, report.notation, report.dual)}{where}"


def title(kind: str, name: str, notation: str, dual: str) -> str:
    """How it is typed and written; what belongs to it by duality only where that is not a norm, as most know it."""
    written = f"   {notation}" if notation and notation != name else ""
    partner = kind_named(kind).partner
    return name + written + (f"   {partner} {dual}" if dual and partner == "conjugate" else "")


def row(finding: Finding, kind: str = "norm") -> str:
    """One line: law, status, time, scope or reason, engine; columns fit the laws of the kind."""
    told, width = remark(finding), max(map(len, kind_named(kind).laws))
    line = f"  {finding.law:{width}}  {finding.status.value:{_STATUS}}  {finding.seconds:6.2f} s  {told}"
    return line.rstrip()


def remark(finding: Finding) -> str:
    """What a table says about a finding beside its status: scope and engine, lemmas, or the reason."""
    parts = []
    if finding.status in (Status.PROVED, Status.DERIVED, Status.TESTED):
        parts.append(finding.scope)
        parts.append(f"by {', '.join(finding.lemmas)}" if finding.lemmas else "")
        parts.append(f"[{finding.engine}]" if finding.engine else "")
        parts += [f"and {derived(e)} [{e.engine}]" for e in finding.beside]
    elif finding.status in (Status.REFUTED, Status.UNDECIDED):
        parts.append(f"see below [{finding.engine}]")
    else:
        parts.append(finding.reason)
    parts += [f"({note})" for note in incidents(finding)]
    if finding.expected is not None:
        parts.append(f"(expected to fail: {finding.expected})" if finding.ok else "UNEXPECTED PASS")
    return " ".join(part for part in parts if part)


def derived(evidence: Evidence) -> str:
    """What a derivation adds to a proof, e.g. ``DERIVED every size by mixed_norm``."""
    return f"{evidence.status.value} {evidence.scope} by {', '.join(evidence.lemmas)}"


def incidents(finding: Finding) -> list[str]:
    """Engines that crashed or overran although others settled the law: no failure, but nothing to hide either."""
    return [
        f"{evidence.scope} {evidence.reason}"
        for evidence in finding.evidence
        if evidence.engine == "runner" and evidence.status is Status.UNDECIDED is not finding.status
    ]


def skipped_lines(findings: Iterable[Finding]) -> list[str]:
    """Laws that do not apply, gathered by reason; a row each would hide the rest."""
    by_reason: dict[str, list[str]] = {}
    for finding in findings:
        if is_skipped(finding):
            reason = "not claimed" if finding.reason.startswith("the norm does not claim") else finding.reason
            by_reason.setdefault(reason, []).append(finding.law)
    return [f"  skipped: {', '.join(names)} ({reason})" for reason, names in by_reason.items()]


def rows(report: Report) -> list[str]:
    """A row per law that applies, then the others in short."""
    applicable = (finding for finding in report.findings if not is_skipped(finding))
    return [row(finding, report.kind) for finding in applicable] + skipped_lines(report.findings)


def is_skipped(finding: Finding) -> bool:
    """Whether a finding only says that its law does not apply."""
    return finding.status is Status.SKIPPED and finding.expected is None


def grouped(findings: Iterable[Finding]) -> list[tuple[Finding, ...]]:
    """Findings that fail for one reason together, in the order of the first: a broken hook breaks many laws at once."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        reason = blamed(finding) or finding.law
        groups.setdefault((finding.status, finding.ok, finding.expected, reason), []).append(finding)
    return [tuple(group) for group in groups.values()]


def blamed(finding: Finding) -> str:
    """What went wrong in words that other laws may share, or ""."""
    if finding.status is Status.REFUTED:
        witness = telling(finding)
        return witness.note if witness is not None else ""
    if finding.status is Status.UNDECIDED:
        # One hook that hangs is late in one law, ends its process in another and is not tried in a third.
        return "a process was lost" if _losses(finding) else finding.reason
    return ""


def _losses(finding: Finding) -> list[str]:
    told = (e.reason for e in finding.decisive if e.engine == "runner" and e.scope)
    return [reason for reason in told if reason.startswith(("did not finish", "ended with", "not tried"))]


def telling(finding: Finding) -> Witness | None:
    """The witness to show: that a hook raised or returned nonsense explains any number that comes of it."""
    found = (e.witness for e in finding.decisive if e.witness is not None)
    return next((w for w in found if not evaluated(finding, w)), finding.witness)


def evaluated(finding: Finding, witness: Witness) -> bool:
    """Whether the witness's relation has both sides evaluated; where a hook failed it only repeats the statement."""
    return bool(witness.relation) and not (witness.note and witness.relation == finding.statement)


def names(group: tuple[Finding, ...]) -> str:
    """``definite, holder``, or the first three of more and how many there are."""
    laws = [finding.law for finding in group]
    return ", ".join(laws) if len(laws) < 4 else f"{', '.join(laws[:3])}, … ({len(laws)} laws)"


def details(group: tuple[Finding, ...]) -> Iterator[str]:
    """Why findings are not ok (or fail as expected), in lines that a person can check on paper."""
    finding, alone = group[0], len(group) == 1
    witness = telling(finding)
    if finding.status is Status.REFUTED:
        yield f"REFUTED {names(group)}: {finding.statement if alone or witness is None else witness.note}"
        if witness is not None:
            for name, value in witness.inputs.items():
                yield f"  {name} = {value}"
            sides = evaluated(finding, witness)
            if sides:
                yield f"  gives {witness.relation}, which is false ({witness.context})"
            if witness.note and alone:
                yield f"  {witness.note}" if sides else f"  {witness.note} ({witness.context})"
            elif not sides:
                yield f"  in {witness.context}, for {finding.law}"
    elif finding.status is Status.UNDECIDED:
        yield f"UNDECIDED {names(group)}: {finding.statement if alone else reasons(group)}"
        if alone:
            yield f"  {reasons(group)}"
    if finding.expected is not None and not finding.ok:
        yield f"UNEXPECTED PASS {names(group)}: {finding.statement}"
        yield f"  it was expected to fail ({finding.expected}) but is {finding.status.value}; drop the expectation"


def reasons(group: tuple[Finding, ...]) -> str:
    """Why findings are undecided, each reason once."""
    lost = [reason for finding in group for reason in _losses(finding)]
    return "; ".join(dict.fromkeys(lost or [finding.reason for finding in group]))


def failure_lines(report: Report) -> list[str]:
    """The heading and the details of every failure; with --quiet and in exceptions."""
    lines = [heading(report)]
    for group in grouped(report.failures):
        lines += [f"  {line}" for line in details(group)]
    if not report.complete:
        lines.append("  interrupted before every law was settled")
    return lines


def report_text(report: Report) -> str:
    """The whole report: heading, one row per law, details, closing line."""
    lines = [
        heading(report),
        *rows(report),
        *detail_lines(report),
        "",
        tally((report,), report.seconds),
    ]
    return "\n".join(lines)


def run_text(run: Run) -> str:
    """Several reports and one closing line."""
    parts = []
    for report in run.reports:
        parts.append("\n".join([heading(report), *rows(report), *detail_lines(report), ""]))
    return "\n".join([*parts, closing(run)])


def worth_detail(report: Report) -> list[tuple[Finding, ...]]:
    """The findings of which more is said than a row: failures, and refutations that were expected; in groups."""
    return grouped(finding for finding in report.findings if not finding.ok or finding.status is Status.REFUTED)


def detail_lines(report: Report) -> list[str]:
    """The details of every finding that is worth them, wrapped."""
    shown = worth_detail(report)
    return [wrapped for group in shown for line in details(group) for wrapped in _wrap(f"  {line}")]


def _wrap(line: str) -> list[str]:
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.wrap(line, _WIDTH, subsequent_indent=indent, drop_whitespace=True) or [""]


def tally(reports: tuple[Report, ...], seconds: float) -> str:
    """``23 norms, 412 laws: 301 PROVED, …, 0 UNDECIDED in 61 s``; kinds of subject only where there are any."""
    findings = [finding for report in reports for finding in report.findings]
    applicable = [finding for finding in findings if finding.status is not Status.SKIPPED]
    counted = ", ".join(
        f"{sum(finding.status is status for finding in findings)} {status.value}"
        for status in Status
        if status is not Status.SKIPPED
    )
    took = f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
    return f"{subjects(report.kind for report in reports)}, {_count(len(applicable), 'law')}: {counted} in {took}"


def closing(run: Run) -> str:
    """The last line of a run: the tally, and what was interrupted."""
    line = tally(run.reports, run.seconds)
    if not run.complete:
        done = sum(report.complete for report in run.reports)
        kinds = {report.kind for report in run.reports}
        asked = _count(run.asked, kinds.pop()) if len(kinds) == 1 else str(run.asked)
        line += f"; interrupted: {done} of {asked} finished"
    return line


def subjects(kinds: Iterable[str]) -> str:
    """``26 norms, 20 regularizers``: how many there are of each kind."""
    found = Counter(kinds)
    counted = [_count(found[kind.name], kind.name) for kind in KINDS if found[kind.name]]
    return ", ".join(counted) or _count(0, KINDS[0].name)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
