"""The figures of a study's report, drawn from the numbers and the outputs of its runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

import sua_ref
from paper_repro.study import report_names as names
from paper_repro.study.plots import Dot, Line, dots, lines
from paper_repro.study.report_cells import Numbers, Run, seeds
from paper_repro.study.report_document import Figure, Panel
from paper_repro.study.report_intervals import Judges
from paper_repro.study.report_setting import below, settings
from paper_repro.study.report_tables import TRAINING_LAMBDAS, Printed
from paper_repro.study.statistics import Floats

COIN = 0.5
CURVES = ("sua@1", "entropy", "max_probability", "mean_views", "additive")
_POINTS = 120
"""Points of a drawn curve; it is computed at every coverage."""
_SHOWN_METHODS = ("standard", "sua_tr")


def _of(numbers: Numbers) -> Iterator[tuple[str, str, str]]:
    for task, model in numbers.pairs():
        for method in _SHOWN_METHODS:
            if numbers.runs(task, model, method):
                yield task, model, method


def _title(numbers: Numbers, task: str, model: str, method: str) -> str:
    under = " - BELOW THE FLOOR" if below(numbers, task, model, method) else ""
    told = seeds(numbers.runs(task, model, method))
    return f"{task}, {model}, {names.method(method)} ({told}){under}"


def auroc_by_score(numbers: Numbers, printed: Printed) -> Figure:
    """Figure 2: AUROC of failure prediction by score, task and subset."""
    panels = []
    for task, model, method in _of(numbers):
        drawn = []
        for score in names.rivals(numbers.scores(task, model)):
            for test in numbers.tests(task, model):
                about = (task, model, method, test.dataset, "auroc", score)
                mean, between = numbers.mean(*about), numbers.interval(*about)
                if mean is not None:
                    group = f"{names.ROLES[test.role]}: {test.dataset}"
                    drawn.append(Dot(names.score(score), group, mean, *(between or (None, None))))
        if drawn:
            title = _title(numbers, task, model, method)
            words = f"{title}: " + "; ".join(f"{d.row}, {d.group} {d.mean:.3f}" for d in drawn)
            svg = dots(title, "AUROC of failure prediction", drawn, COIN)
            panels.append(Panel(f"auroc-{task}-{model}-{method}", words, svg))
    subsets = (("ambiguous NLI", printed.ambiguous), ("adversarial", printed.adversarial))
    told = [
        f"{kind}: " + ", ".join(f"{score} {value}" for score, value in shown.items())
        for kind, shown in subsets
        if shown
    ]  # fmt: skip
    theirs = f" The paper prints, for {'; for '.join(told)}." if told else ""
    return Figure(
        "Figure 2. Each row is a score, each colour a test set; to the right is better, the dotted "
        "line is a coin. The paper's order is SUA, self-consistency, entropy, temperature-scaled "
        f"confidence, from the right.{theirs} Bars: 95 % over seeds and inputs. "
        f"{settings(numbers)}",
        tuple(panels),
    )


def risk_coverage(numbers: Numbers, judges: Judges) -> Figure:
    """Appendix B.4 at all coverages: the mean curve over seeds, and their range."""
    panels = []
    for task, model, method in _of(numbers):
        clean = numbers.clean(task, model)
        drawn = _curves(judges, numbers.runs(task, model, method), clean) if clean else []
        if drawn:
            title = _title(numbers, task, model, method)
            words = f"{title}: error among the answered at coverage .8: " + "; ".join(
                f"{line.name} {float(np.interp(0.8, line.x, line.y)):.3f}" for line in drawn
            )
            svg = lines(
                title, "coverage", "error among the answered", drawn, marks=False, zero=True
            )  # fmt: skip
            panels.append(Panel(f"risk-coverage-{task}-{model}-{method}", words, svg))
    return Figure(
        "Risk and coverage on the clean tests: the lower the curve the better the score; at "
        "coverage 1 all meet at the error of the model. Bands: range over seeds. "
        f"{settings(numbers)}",
        tuple(panels),
    )


def _curves(judges: Judges, runs: Sequence[Run], dataset: str) -> list[Line]:
    by_score: dict[str, list[Floats]] = {}
    for run in runs:
        errors, scored = judges.errors(run, dataset), judges.scores(run, dataset)
        for score in CURVES:
            if errors is not None and score in scored:
                curve = sua_ref.risk_coverage_curve(scored[score], errors.astype(np.int64))
                by_score.setdefault(score, []).append(np.asarray(curve.risk, dtype=np.float64))
    drawn = []
    for score, risks in by_score.items():
        n = len(risks[0])
        start = max(1, n // 50)  # the first few points are noise
        at = np.unique(np.linspace(start, n, min(n, _POINTS)).astype(int)) - 1
        stacked = np.stack(risks)[:, at]
        x, y = ((at + 1) / n).tolist(), stacked.mean(0).tolist()
        low, high = stacked.min(0).tolist(), stacked.max(0).tolist()
        drawn.append(Line(names.score(score), x, y, low, high))
    return drawn


def _line(numbers: Numbers, name: str, points: Sequence[tuple[float, tuple[Any, ...]]]) -> Line:
    """A line through the points that have a number, with its intervals where all have one."""
    x, y, between = [], [], []
    for place, about in points:
        mean = numbers.mean(*about)
        if mean is not None:
            x.append(place)
            y.append(mean)
            between.append(numbers.interval(*about))
    known = [b for b in between if b is not None]
    if len(known) < len(between):
        return Line(name, x, y)
    return Line(name, x, y, [b[0] for b in known], [b[1] for b in known])


def _panel(
    name: str, title: str, xlabel: str, ylabel: str, drawn: Sequence[Line],
    coin: float | None = None,
) -> list[Panel]:  # fmt: skip
    kept = [line for line in drawn if line.x]
    if not kept:
        return []
    words = f"{title}, {ylabel} by {xlabel}: " + "; ".join(
        f"{line.name}: " + ", ".join(f"{x:g}: {y:.3f}" for x, y in zip(line.x, line.y, strict=True))
        for line in kept
    )
    return [Panel(name, words, lines(title, xlabel, ylabel, kept, coin=coin))]


def by_k(numbers: Numbers) -> Figure:
    """Appendix B.1: the rank correlation by K."""
    panels = []
    for task, model in numbers.pairs():
        clean = numbers.clean(task, model)
        drawn = [
            _line(numbers, names.method(method), [
                (k, (task, model, method, clean, f"spearman@{k}")) for k in (1, 3, 5)
            ])
            for method in _SHOWN_METHODS
        ]  # fmt: skip
        panels += _panel(f"by-k-{task}-{model}", f"{task}, {model}", "K", "Spearman", drawn)
    return Figure(
        "Rank correlation of SUA from K views with SUA from ten others, on the clean tests: K "
        f"suffices where the line is flat and near 1. {settings(numbers)}",
        tuple(panels),
    )


def by_training_lambda(numbers: Numbers) -> Figure:
    """Appendix B.3: what the lambda of training does."""
    shown = (
        ("accuracy", None, "accuracy"), ("robust_accuracy", None, "robust accuracy"),
        ("ece", None, "ECE"), ("auroc", "own", "AUROC of SUA, its own lambda"),
        ("auroc", "entropy", "AUROC of H"),
    )  # fmt: skip
    panels = []
    for task, model in numbers.pairs():
        clean = numbers.clean(task, model)
        trained = [m for m in TRAINING_LAMBDAS.values() if m != "sua_tr"]
        if not any(numbers.runs(task, model, m) for m in trained):
            continue
        for metric, score, ylabel in shown:
            points = [
                (
                    lam,
                    (
                        task,
                        model,
                        method,
                        clean,
                        metric,
                        f"sua@{lam:g}" if score == "own" else score,
                    ),
                )
                for lam, method in TRAINING_LAMBDAS.items()
            ]
            name = f"training-lambda-{task}-{model}-{metric}-{score or 'all'}"
            drawn = [_line(numbers, ylabel, points)]
            panels += _panel(name, f"{task}, {model}", "lambda of training", ylabel, drawn)
    return Figure(
        "SUA-TR by the lambda that it trains with, on the clean tests; bands: 95 %. A flat line "
        f"is the stability that the paper reports for its recommended range. {settings(numbers)}",
        tuple(panels),
    )


def by_score_lambda(numbers: Numbers) -> Figure:
    """The lambda of the score ``S - lambda H``, negative ones too."""
    panels = []
    for task, model, method in _of(numbers):
        known = [(names.lam(s), s) for s in numbers.scores(task, model)]
        places = sorted((lam, s) for lam, s in known if lam is not None)
        drawn = [
            _line(
                numbers, f"{names.ROLES[test.role]}: {test.dataset}",
                [(lam, (task, model, method, test.dataset, "auroc", s)) for lam, s in places],
            )
            for test in numbers.tests(task, model)
        ]  # fmt: skip
        title = _title(numbers, task, model, method)
        name = f"score-lambda-{task}-{model}-{method}"
        panels += _panel(name, title, "lambda of the score", "AUROC", drawn, COIN)
    return Figure(
        "Failure AUROC of S - lambda H by lambda. The paper's scores are right of 0; left of 0 "
        "entropy is added instead of subtracted, as in the certified score; the dotted line is a "
        "coin. Look where the line is "
        f"highest. {settings(numbers)}",
        tuple(panels),
    )
