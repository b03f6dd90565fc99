"""The plots of a report, one figure for each: risk-coverage, reliability, S against H."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import sua_ref
from paper_repro.reproduce import Evaluation
from paper_repro.tables import METHOD_TITLES, TITLES

SHOWN = {
    "entropy": "#1f4e79",
    "mean_views": "#2a9d8f",
    "additive": "#6a994e",
    "sensitivity": "#e9a23b",
    "sua@1": "#c1121f",
}
"""The scores drawn in a risk-coverage plot, and their colours."""
_RIGHT, _WRONG, _GREY = "#8fb8de", "#c1121f", "#888888"


def _style() -> AbstractContextManager[None]:
    return mpl.rc_context(
        {
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.color": "#e6e6e6",
            "axes.axisbelow": True,
            "font.size": 10,
            "legend.frameon": False,
            "figure.dpi": 130,
        }
    )


def _figure(width: float, height: float, columns: int) -> tuple[Figure, Sequence[Axes]]:
    figure = Figure(figsize=(width * columns, height), layout="constrained")
    axes = figure.subplots(1, columns, squeeze=False)[0]
    return figure, list(axes)


def _title(evaluation: Evaluation) -> str:
    split = evaluation.split
    return f"{split.dataset} {split.name}, {METHOD_TITLES[evaluation.method]}"


def risk_coverage(evaluations: Sequence[Evaluation], path: Path) -> None:
    """Selective risk against coverage by score; the grey line is the best order there is."""
    with _style():
        figure, axes = _figure(5.2, 4.2, len(evaluations))
        for axis, evaluation in zip(axes, evaluations, strict=True):
            errors = evaluation.outputs.errors
            oracle = sua_ref.risk_coverage_curve(errors, errors)
            axis.plot(oracle.coverage, oracle.risk, color=_GREY, lw=1, ls=":", label="oracle")
            for score, colour in SHOWN.items():
                curve = sua_ref.risk_coverage_curve(evaluation.scored[score], errors)
                start = max(1, len(errors) // 50)  # the first few points are noise
                axis.plot(
                    curve.coverage[start:],
                    curve.risk[start:],
                    color=colour,
                    lw=1.8,
                    label=TITLES[score],
                )
            axis.set(xlabel="coverage", ylabel="error among the answered", xlim=(0, 1))
            axis.set_ylim(bottom=0)
            axis.set_title(_title(evaluation))
        axes[0].legend(loc="upper right")
        figure.savefig(path)


def reliability(evaluations: Sequence[Evaluation], path: Path, bins: int = 15) -> None:
    """Accuracy against confidence in the bins that the ECE is made of; area shows the count."""
    with _style():
        figure, axes = _figure(4.4, 4.2, len(evaluations))
        for axis, evaluation in zip(axes, evaluations, strict=True):
            confidence = evaluation.outputs.probabilities.max(-1)
            correct = 1 - evaluation.outputs.errors
            which = np.minimum(np.ceil(confidence * bins).astype(int), bins)
            axis.plot([0, 1], [0, 1], color=_GREY, lw=1, ls=":")
            for b in np.unique(which):
                here = which == b
                axis.plot(
                    2 * [confidence[here].mean()],
                    [confidence[here].mean(), correct[here].mean()],
                    color="#e9a23b",
                    lw=2,
                )
                axis.scatter(
                    confidence[here].mean(),
                    correct[here].mean(),
                    s=20 + 400 * here.mean(),
                    color="#1f4e79",
                    alpha=0.85,
                    zorder=3,
                )
            ece = sua_ref.expected_calibration_error(confidence, correct, n_bins=bins)
            axis.set(xlabel="confidence", ylabel="accuracy", xlim=(0, 1.02), ylim=(0, 1.02))
            axis.set_title(f"{_title(evaluation)}\nECE {float(ece):.3f}")
        figure.savefig(path)


def sensitivity_entropy(evaluations: Sequence[Evaluation], path: Path) -> None:
    """S against H, errors in red; on the line S = H the score SUA at lambda = 1 is 0."""
    with _style():
        figure, axes = _figure(5.0, 4.4, len(evaluations))
        for axis, evaluation in zip(axes, evaluations, strict=True):
            h, s = evaluation.scored["entropy"], evaluation.scored["sensitivity"]
            wrong = evaluation.outputs.errors == 1
            for mask, colour, label in ((~wrong, _RIGHT, "right"), (wrong, _WRONG, "wrong")):
                axis.scatter(h[mask], s[mask], s=9, color=colour, alpha=0.55, lw=0, label=label)
            top = float(np.quantile(s, 0.999)) * 1.1 + 1e-3
            line = np.linspace(0, min(top, float(h.max())), 2)
            axis.plot(line, line, color=_GREY, lw=1, ls=":", label="SUA = 0 at lambda 1")
            axis.set(xlabel="predictive entropy H (nats)", ylabel="sensitivity S (nats)")
            axis.set_ylim(-0.02 * top, top)
            axis.set_title(_title(evaluation))
        axes[0].legend(loc="upper right")
        figure.savefig(path)
