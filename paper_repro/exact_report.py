"""What the report says about a world: its truth, the trained models on it, and every claim."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from itertools import product

from paper_repro.exact_claims import (
    BASELINES,
    CONDITIONS,
    LAMBDAS,
    MUST_HOLD,
    PHIS,
    PRECISIONS,
    SELECTIVE,
    TAUS,
    VISIBLE,
)
from paper_repro.exact_results import Tally, tallies
from paper_repro.exact_values import GAPS, RISKS
from paper_repro.reproduce import TaskRun
from paper_repro.tables import METHOD_TITLES, decimal, markdown

Table = tuple[list[str], list[list[str]]]
READINGS = tuple(product(RISKS, GAPS))
_RISK_TITLES = {
    "gibbs": "Gibbs",
    "self": "own",
    "argmax": "argmax",
    "argmax_shifted": "argmax at x'",
}
_CONDITION_TITLES = {"at_least_phi": "lambda H >= phi(H)", "at_most_phi": "phi(H) >= L lambda H"}
_QUANTITIES = {
    "accuracy": "accuracy, under the label law",
    "bayes_accuracy": "best accuracy there is",
    "ece": "ECE of the world (15 bins, largest probability)",
    "latent_ambiguity": "E A, ambiguity H(Z given x)",
    "true_uncertainty": "E H*, entropy of the label law",
    "entropy": "E H, entropy of the output",
    "miscalibration_gap": "E Delta, of H against H*",
    "sensitivity": "E S (TV, exact expectation)",
    "worst_sensitivity": "E S_sup (TV)",
    "flips": "share of perturbations that change the answer",
    "visibly_sensitive_share": f"share of inputs with S > {VISIBLE}",
    "collapse_gap@signed": "E kappa, signed",
    "collapse_gap@absolute": "E kappa, absolute",
    **{f"risk@{risk}": f"E R, {title}" for risk, title in list(_RISK_TITLES.items())[:3]},
    **{f"robust_risk@{risk}": f"E R_rob, {title}" for risk, title in _RISK_TITLES.items()},
}


def bugs(run: TaskRun) -> list[str]:
    """Proved statements that fail where their hypotheses hold: none, or this program is wrong."""
    found = []
    for method, tally in _all_tallies(run).items():
        for claim in MUST_HOLD:
            if tally[claim].fails:
                found.append(
                    f"BUG: {claim} is proved, and fails {tally[claim].fails} times in "
                    f"{run.task.name}, {METHOD_TITLES[method]}"
                )
    return found


def _all_tallies(run: TaskRun) -> dict[str, dict[str, Tally]]:
    return {method: tallies(examined) for method, examined in run.examined.items()}


def _sum(tally: dict[str, Tally], names: list[str]) -> Tally:
    def add(a: Tally, b: Tally) -> Tally:
        return Tally(
            a.holds + b.holds, a.fails + b.fails, a.missed + b.missed, a.undecided + b.undecided
        )

    return reduce(add, (tally[name] for name in names), Tally())


def _eq_10(risk: str, gap: str, phi: str = "0") -> str:
    return f"thm_4_3.eq_10@{risk}.{gap};phi={phi}"


def _with_lambda(
    claim: str, risk: str, gap: str, lam: float, condition: str = "at_least_phi", phi: str = "0"
) -> str:
    return f"{claim}@{risk}.{gap}.{condition};phi={phi};lambda={lam:g}"


def _percent(part: int, whole: int) -> str:
    """``12.3 %``; never rounded to none or all where it is neither."""
    if part in (0, whole):
        return "100 %" if part else "0 %"
    return f"{min(max(100 * part / whole, 0.1), 99.9):.1f} %"


def _failing(tally: Tally) -> str:
    """At what share it fails of where its hypotheses hold, with what is left out."""
    if not tally.met:
        return "missed" if tally.missed else "?"
    if tally.total == 1:
        return "fails" if tally.fails else "holds"
    left_out = [
        f"{n} {what}" for n, what in ((tally.missed, "missed"), (tally.undecided, "?")) if n
    ]
    return _percent(tally.fails, tally.met) + (f" ({', '.join(left_out)})" if left_out else "")


def _range(tally: dict[str, Tally], names: list[str]) -> str:
    """Least and greatest failing share over some readings."""
    met = [tally[name] for name in names if tally[name].met]
    if not met:
        return "missed"
    ordered = sorted(met, key=lambda t: t.fails / t.met)
    low, high = (_percent(t.fails, t.met) for t in (ordered[0], ordered[-1]))
    return low if low == high else f"{low.removesuffix(' %')}-{high}"


def summary(run: TaskRun) -> Table:
    """The table for the terminal: at what share each claim fails."""
    by_method = _all_tallies(run)
    lines: list[list[str]] = []

    def line(title: str, names: list[str]) -> None:
        lines.append([title, *(_range(tally, names) for tally in by_method.values())])

    n = len(READINGS)
    line(f"(10), phi = 0 ({n} readings)", [_eq_10(*r) for r in READINGS])
    for lam in map(float, LAMBDAS):
        names = [_with_lambda("thm_4_3.eq_11", *r, lam) for r in READINGS]
        line(f"(11), phi = 0, lambda {lam:g} ({n} readings)", names)
    everywhere = [_with_lambda("cor_4_4", *r, float(lam)) for r, lam in product(READINGS, LAMBDAS)]
    lines.append(
        [
            "Cor 4.4, phi = 0 (of readings and lambdas)",
            *(_failed_of(_sum(tally, everywhere)) for tally in by_method.values()),
        ]
    )
    grid = [_selective_name(*r, b, s) for r, b, s in product(READINGS, BASELINES, SELECTIVE)]
    lines.append(
        [
            "(14) (of readings, lambdas and thresholds)",
            *(_failed_of(_sum(tally, grid)) for tally in by_method.values()),
        ]
    )
    for claim in MUST_HOLD:
        line(f"{'(13)' if claim == 'lem_4_6' else claim}, proved", [claim])
    return [
        "claim: share of the inputs where its hypotheses hold and it fails",
        *(METHOD_TITLES[m] for m in by_method),
    ], lines


def _failed_of(tally: Tally) -> str:
    return f"{tally.fails} of {tally.met}" if tally.met else "missed"


def _selective_name(risk: str, gap: str, baseline: str, selective: str) -> str:
    return f"prop_4_8@{risk}.{gap}.{baseline}.{selective}"


def difficulty(run: TaskRun) -> str:
    """One line: how hard the world is, and how good the models are."""
    assert run.task.world is not None
    found = {m: e.expected for m, e in run.examined.items()}
    any_model = next(iter(found.values()))
    models = ", ".join(
        f"{METHOD_TITLES[m]} {decimal(q['accuracy'])} (S > 0 at {_share(q['sensitive_share'])}, "
        f"S > {VISIBLE} at {_share(q['visibly_sensitive_share'])} of the inputs)"
        for m, q in found.items()
    )
    return (
        f"{len(run.task.world.inputs)} inputs, {_share(any_model['ambiguous_share'])} ambiguous. "
        f"Bayes risk {decimal(any_model['bayes_risk'])}; accuracy under the label law: best "
        f"possible {decimal(any_model['bayes_accuracy'])}, {models}."
    )


def _share(value: float) -> str:
    return f"{100 * value:.0f} %"


def section(run: TaskRun) -> list[str]:
    """The part of the report about one world."""
    bits = sorted({e.bits for e in run.examined.values()})
    return [
        "### The truth, and the trained models",
        difficulty(run) + " An input is ambiguous if it has two possible interpretations that "
        "disagree about the label. A perturbation redraws one of its four synonyms; that leaves "
        "the law of the inputs and every label law as they are, both decided exactly.",
        _example(run),
        markdown(*_quantity_table(run)),
        "### The claims on the trained models",
        f"Decided in ball arithmetic ({', '.join(map(str, bits))} bits) from the stored logits: "
        "TV, 0-1 loss, L_D = 1, for which Assumption 1 is true. The risk is read as `Gibbs` (an "
        "answer drawn from the output), the model's `own` (under its own output), `argmax`, or "
        "`argmax at x'` (judged by the label law of the perturbed input).",
        "\n".join(f"- {sentence}" for sentence in _sentences(run)),
        "#### Input by input: (10), (13) and the repairs",
        "Counts of inputs: the claim holds / fails / a hypothesis is missed / undecided.",
        markdown(*_counts_table(run)),
        *_lambda_tables(run, "thm_4_3.eq_11", "Inequality (11)"),
        *_lambda_tables(run, "cor_4_4", "Corollary 4.4"),
        "#### Proposition 4.8, inequality (14)",
        f"At how many of the {len(LAMBDAS) * len(TAUS)} pairs of a lambda ({_list(LAMBDAS)}) and a "
        f"threshold tau ({_list(TAUS)}) it fails, of those where something is answered. `overall` "
        "and `accepted` say over which inputs R on the right is taken; `clean` and `robust` which "
        "risk of the accepted stands on the left.",
        markdown(*_selective_table(run)),
    ]  # fmt: skip


def _example(run: TaskRun) -> str:
    """One ambiguous input with its truth."""
    assert run.task.world is not None
    entry = next(
        (e for e in run.task.world.inputs if e.content.ambiguous), run.task.world.inputs[0]
    )
    law = ", ".join(
        f"{label} {p}" for label, p in zip(run.task.labels, entry.content.label_law, strict=True)
    )
    said = " / ".join(f'"{text}"' for text in entry.texts)
    return (
        f"For instance {said}: P(z|x) is {', '.join(map(str, entry.content.p_z))}; P(y|x) is {law}."
    )


def _list(numbers: tuple[object, ...]) -> str:
    return ", ".join(f"{float(x):g}" for x in numbers)  # type: ignore[arg-type]


def _quantity_table(run: TaskRun) -> Table:
    columns = [e.expected for e in run.examined.values()]
    lines = [[title, *(decimal(q.get(k)) for q in columns)] for k, title in _QUANTITIES.items()]
    return ["quantity", *(METHOD_TITLES[m] for m in run.examined)], lines


def _sentences(run: TaskRun) -> Iterator[str]:
    for method, tally in _all_tallies(run).items():
        title = METHOD_TITLES[method]
        names = [
            _with_lambda("thm_4_3.eq_11", *r, float(lam)) for r, lam in product(READINGS, LAMBDAS)
        ]
        literal = tally[_with_lambda("thm_4_3.eq_11", "gibbs", "signed", 1.0)]
        repaired = sum(tally[claim].fails for claim in ("n_3", "n_4"))
        yield (
            f"{title}: (11) fails on {_failing(literal)} of the inputs that meet its hypotheses "
            f"(phi = 0, lambda = 1, Gibbs risk, signed gap; {_range(tally, names)} over all "
            f"readings and lambdas); its repairs n_3 and n_4 on {repaired or 'none'}."
        )
        yield from _calibration(title, run.examined[method].expected)
    yield from _never_met(run)
    yield (
        "(10) at phi = 0 with a gap of at least 0 (positive, absolute) cannot fail under the Gibbs "
        "or the model's own risk: there R_rob <= R + S_sup is Assumption 1 itself. Elsewhere its "
        "failures are findings."
    )
    yield (
        "(14) with the accepted inputs' own clean risk on both sides says nothing at tau >= 0 and "
        "a gap of at least 0: it cannot fail there either."
    )
    yield (
        "Argmax judged at x' equals argmax judged at x in every row: a perturbation keeps the "
        "label law."
    )
    open_ = sum(_sum(t, list(t)).undecided for t in _all_tallies(run).values())
    bits = PRECISIONS[-1]
    yield (
        f"Undecided: {open_}; up to {bits} bits nothing separates the two sides, as where they are "
        "equal."
        if open_
        else "Undecided: none."
    )


def _calibration(title: str, expected: Mapping[str, float]) -> Iterator[str]:
    """What n_1 and n_16 say about the ECE, where it is decided."""
    if "ece" not in expected:
        return
    from_flips, from_sensitivity = (
        expected[f"ece_lower_bound{how}"] for how in ("", "_from_sensitivity")
    )
    few = ", which says nothing: too few answers change" * (from_flips == 0)
    small = ", which says nothing: S is too small for H" * (from_sensitivity == 0)
    yield (
        f"{title}: the ECE, {decimal(expected['ece'])}, is at least {decimal(from_flips)} by "
        f"n_1{few}; at least {decimal(from_sensitivity)} by n_16{small}."
    )


def _never_met(run: TaskRun) -> Iterator[str]:
    """The readings whose hypotheses no input meets, said once each."""
    by_method = _all_tallies(run).values()
    for phi in PHIS:
        if not any(_sum(t, [_eq_10(*r, phi) for r in READINGS]).met for t in by_method):
            yield (
                f"(10) with phi(h) = {phi}: every input misses Assumption 2, because an output or "
                "label law that is not uniform on its support has 1 - max p < 1 - e^-H."
            )
    for phi, condition in product(PHIS, CONDITIONS):
        names = [
            _with_lambda("thm_4_3.eq_11", *r, float(lam), condition, phi)
            for r, lam in product(READINGS, LAMBDAS)
        ]
        if not any(_sum(t, names).met for t in by_method):
            why = "Assumption 2" if phi != "0" else "the condition, since H > 0"
            yield (
                f"(11) and Corollary 4.4 with phi(h) = {phi} and the condition "
                f"{_CONDITION_TITLES[condition]}: every input misses {why}."
            )


def _counts(tally: Tally) -> str:
    return f"{tally.holds} / {tally.fails} / {tally.missed} / {tally.undecided}"


def _counts_table(run: TaskRun) -> Table:
    by_method = _all_tallies(run)
    named = [
        (f"(10), phi = 0, {_RISK_TITLES[risk]} risk, {gap} gap", _eq_10(risk, gap))
        for risk, gap in READINGS
    ]
    named += [
        ("(13), alpha = A(x), beta = H(x)", "lem_4_6"),
        ("n_3: E err(x') <= e + 2 S + TV(q, p)", "n_3"),
        ("n_4: E R(x') <= R + S, Gibbs risk", "n_4"),
    ]
    lines = [[title, *(_counts(t[name]) for t in by_method.values())] for title, name in named]
    return ["claim", *(METHOD_TITLES[m] for m in by_method)], lines


def _lambda_tables(run: TaskRun, claim: str, title: str) -> Iterator[str]:
    """One table for each phi and condition under which some hypotheses hold."""
    by_method = _all_tallies(run)
    for phi, condition in product(PHIS, CONDITIONS):
        lines = [
            [
                f"{_RISK_TITLES[risk]} risk, {gap} gap",
                *(
                    _failing(tally[_with_lambda(claim, risk, gap, float(lam), condition, phi)])
                    for tally in by_method.values()
                    for lam in LAMBDAS
                ),
            ]
            for risk, gap in READINGS
        ]
        if all(cell == "missed" for line in lines for cell in line[1:]):
            continue
        header = [
            f"{METHOD_TITLES[m]}, lambda {float(lam):g}" for m in by_method for lam in LAMBDAS
        ]
        yield f"#### {title}, phi(h) = {phi}, condition {_CONDITION_TITLES[condition]}"
        yield (
            "Whether it holds in this world."
            if claim == "cor_4_4"
            else "Share of the inputs where it fails."
        )
        yield markdown(["reading", *header], lines)


def _selective_table(run: TaskRun) -> Table:
    by_method = _all_tallies(run)
    columns = list(product(by_method, BASELINES, SELECTIVE))
    lines = [
        [
            f"{_RISK_TITLES[risk]} risk, {gap} gap",
            *(_failed_of(by_method[m][_selective_name(risk, gap, b, s)]) for m, b, s in columns),
        ]
        for risk, gap in READINGS
    ]
    return ["reading", *(f"{METHOD_TITLES[m]}, {b}, {s}" for m, b, s in columns)], lines
