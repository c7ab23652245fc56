"""A run as one self-contained HTML page: no scripts, no requests; styles and pictures are inline. All text is escaped.

Expandable parts are ``<details>``, so the page works without JavaScript, on paper and under a strict content policy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from html import escape

from ntr_spec.plotting import panel_svg
from ntr_spec.verify.findings import Evidence, Finding, Status, Witness
from ntr_spec.verify.html_style import STYLE
from ntr_spec.verify.report import Report, Run
from ntr_spec.verify.subjects import kind_named
from ntr_spec.verify.text import closing, derived, evaluated, grouped, reasons, telling

_MEANING = {
    Status.PROVED: "holds for all real inputs in the printed scope, decided on the very code that runs",
    Status.DERIVED: "follows by the named lemmas from other findings of this run",
    Status.TESTED: "no drawn example failed; not a proof",
    Status.REFUTED: "fails at the printed witness",
    Status.UNDECIDED: "no engine settled it, for the printed reason",
    Status.SKIPPED: "does not apply here, for the printed reason",
}


def html_page(run: Run) -> str:
    """The page, as text."""
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<link rel="icon" href="data:,">',
            f"<title>{escape(_title(run))}</title>",
            f"<style>{STYLE}</style></head><body><main>",
            *_header(run),
            *(line for k, report in enumerate(run.reports) for line in _report(report, k, alone=len(run.reports) == 1)),
            *_footer(run),
            "</main></body></html>\n",
        ]
    )


def _title(run: Run) -> str:
    names = ", ".join(report.name for report in run.reports[:3])
    return f"ntr_spec: {names}" + (" …" if len(run.reports) > 3 else "")


def _header(run: Run) -> Iterator[str]:
    verdict = ("good", "Every law holds") if run.ok else ("bad", "Not every law holds")
    if not run.complete:
        verdict = ("bad", "Interrupted")
    yield f'<header><h1>Verification report</h1><p class="verdict {verdict[0]}">{verdict[1]}</p>'
    yield f"<p>{escape(closing(run))}</p>"
    yield '<ul class="legend">'
    for status, number in run.counts.items():
        if number:
            yield f"<li>{_badge(status)} <b>{number}</b> {_MEANING[status]}</li>"
    yield "</ul>"
    if any(report.picture is not None for report in run.reports):
        yield (
            '<p class="hint">Pictures: each dot g on the dual sphere (right) has its answer lmo(g) on the unit ball '
            "(left) in the same colour; the arrow there points along −g, which is normal to the ball where the LMO is "
            "right. Witnesses are red.</p>"
        )
    if len(run.reports) > 1:
        yield '<nav aria-label="Contents"><ul class="index">'
        for k, report in enumerate(run.reports):
            kind = "good" if report.ok else "bad"
            yield f'<li><a class="{kind}" href="#norm-{k}">{escape(report.name)}</a></li>'
        yield "</ul></nav>"
    yield "</header>"


def _report(report: Report, index: int, alone: bool) -> Iterator[str]:
    kind = "good" if report.ok else "bad"
    # A page about one norm shows everything; in a catalogue, what failed is open and the rest is one click away.
    shown = " open" if alone or not report.ok else ""
    yield f'<section class="norm {kind}" id="norm-{index}">'
    yield f'<h2>{escape(report.name)} <span class="notation">{escape(report.notation)}</span></h2>'
    facts = [
        (kind_named(report.kind).partner, report.dual),
        ("claims", ", ".join(report.claims)),
        ("declared in", report.origin),
        ("time", f"{report.seconds:.1f} s" + ("" if report.complete else ", interrupted")),
    ]
    yield "<dl>" + "".join(f"<div><dt>{name}</dt><dd>{escape(fact)}</dd></div>" for name, fact in facts if fact)
    yield "</dl>"
    yield f'<p class="bar" aria-hidden="true">{_bar(report)}</p>'
    if report.picture is not None:
        yield '<div class="pictures">'
        for panel in report.picture.panels:
            note = f" ({escape(panel.note)})" if panel.note else ""
            yield f"<figure>{panel_svg(panel)}<figcaption>{escape(panel.title)}{note}</figcaption></figure>"
        yield "</div>"
    for group in grouped(report.failures):
        yield from _failure(group)
    yield f"<details{shown}><summary>{len(report.findings)} laws</summary>"
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("law", "status", "scope, reason", "engine", "time"))
    yield f'<div class="scroll"><table class="findings"><thead><tr>{heads}</tr></thead><tbody>'
    for finding in report.findings:
        yield from _row(finding)
    yield "</tbody></table></div></details></section>"


def _bar(report: Report) -> str:
    found = Counter(finding.status for finding in report.findings)
    return "".join(
        f'<span class="{status.value}" style="flex-grow:{found[status]}"></span>'
        for status in Status
        if found[status] and status is not Status.SKIPPED
    )


def _failure(group: tuple[Finding, ...]) -> Iterator[str]:
    finding = group[0]
    laws = ", ".join(one.law for one in group)
    yield f'<div class="failure">{_badge(finding.status)} <b>{escape(laws)}</b> '
    if len(group) == 1:
        yield f'<span class="statement">{escape(finding.statement)}</span>'
    witness = telling(finding)
    if witness is not None:
        yield from _witness(finding, witness)
    elif finding.status is Status.UNDECIDED:
        yield f"<p>{escape(reasons(group))}</p>"
    if finding.expected is not None:
        yield f"<p>Unexpected pass: it was expected to fail ({escape(finding.expected)}); drop the expectation.</p>"
    yield "</div>"


def _row(finding: Finding) -> Iterator[str]:
    told = finding.scope if finding.status in (Status.PROVED, Status.DERIVED, Status.TESTED) else finding.reason
    witness = telling(finding)
    if finding.status is Status.REFUTED and witness is not None:
        told = str(witness) if evaluated(finding, witness) else witness.note
    lemmas = f'<div class="lemmas">by {escape(", ".join(finding.lemmas))}</div>' if finding.lemmas else ""
    lemmas += "".join(f'<div class="lemmas">and {escape(derived(e))}</div>' for e in finding.beside)
    expected = f'<div class="lemmas">expected to fail: {escape(finding.expected)}</div>' if finding.expected else ""
    yield f'<tr class="finding {finding.status.value}" data-law="{escape(finding.law, quote=True)}">'
    yield f"<td><details><summary>{escape(finding.law)}</summary>"
    yield f'<div class="statement">{escape(finding.statement)}</div>'
    yield '<ul class="evidence">'
    for evidence in finding.evidence:
        yield f"<li>{_evidence(finding, evidence)}</li>"
    yield f"</ul></details></td><td>{_badge(finding.status)}</td><td>{escape(told)}{lemmas}{expected}</td>"
    yield f'<td>{escape(finding.engine)}</td><td class="time">{finding.seconds:.2f} s</td></tr>'


def _evidence(finding: Finding, evidence: Evidence) -> str:
    said = [f"<b>{escape(evidence.engine)}</b> {_badge(evidence.status)} {escape(evidence.scope)}"]
    if evidence.reason:
        said.append(escape(evidence.reason))
    if evidence.lemmas:
        said.append(f"by {escape(', '.join(evidence.lemmas))}")
    said.append(f"{evidence.seconds:.2f} s")
    shown = " · ".join(part for part in said if part)
    return shown + ("".join(_witness(finding, evidence.witness)) if evidence.witness is not None else "")


def _witness(finding: Finding, witness: Witness) -> Iterator[str]:
    yield '<div class="counterexample"><table>'
    for name, value in witness.inputs.items():
        yield f"<tr><th>{escape(name)}</th><td><code>{escape(value)}</code></td></tr>"
    if evaluated(finding, witness):
        yield f"<tr><th>gives</th><td><code>{escape(witness.relation)}</code>, which is false</td></tr>"
    if witness.note:
        yield f"<tr><th>note</th><td>{escape(witness.note)}</td></tr>"
    yield f"<tr><th>in</th><td>{escape(witness.context)}</td></tr></table></div>"


def _footer(run: Run) -> Iterator[str]:
    settings = run.settings
    facts = {
        "dims": ", ".join(map(str, settings.dims)),
        "shapes": "chosen by the norm" if settings.shapes is None else ", ".join(map(str, settings.shapes)),
        "examples": str(settings.max_examples),
        "backends": ", ".join(settings.backends),
        "timeout": f"{settings.timeout:g} s",
        "seed": str(settings.seed),
        **run.environment,
    }
    yield "<footer><details><summary>Settings and versions</summary><dl>"
    yield "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in facts.items())
    yield "</dl></details></footer>"


def _badge(status: Status) -> str:
    return f'<span class="badge {status.value}">{status.value}</span>'
