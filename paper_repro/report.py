"""What a run leaves behind: results.json, report.md and the plots, all or nothing."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from paper_repro import plots
from paper_repro.bad_input import BadInputError
from paper_repro.config import Config
from paper_repro.exact_report import section
from paper_repro.exact_world import world_document
from paper_repro.reproduce import TaskRun, results_document
from paper_repro.tables import (
    METHOD_TITLES,
    auroc_table,
    decimal,
    find,
    markdown,
    number,
    standing,
    summary_table,
    with_interval,
)

_READING = """\
Every score has one sign: higher means more likely to fail. AUROC is the probability that a wrong
answer scores above a right one; .5 is a coin. `H` is predictive entropy, `1-max` one minus the
largest probability, `1-max mean` the same of the mean over the K views, `e+2S_TV` the additive
score (result n_3), `S` the sensitivity, `SUA l` the paper's S - l H. Brackets are bootstrap 95 %
intervals over inputs; they do not cover the choice of seed.
"""


def _task_section(run: TaskRun, config: Config) -> list[str]:
    task = run.task
    parts = [f"## {task.name}"]
    for method in run.accuracy:
        heading = f"### Failure prediction, {METHOD_TITLES[method]}"
        parts += [heading, standing(run, method) + ".", markdown(*auroc_table(run, method))]
        parts += _gain_lines(run, method)
    parts += ["### Accuracy and calibration", markdown(*summary_table(run))]
    parts += section(run) if run.examined else _truth_lines(run)
    parts += [
        "### Plots (main test)",
        *(
            f"![{name} by method](plots/{task.name}-{name}.png)"
            for name in ("risk-coverage", "reliability", "sensitivity-entropy")
        ),
    ]
    took = ", ".join(f"{step} {seconds:.0f} s" for step, seconds in run.seconds.items())
    parts.append(
        f"{len(task.train.examples)} training rows ({task.train.dataset}), K = {config.k}, "
        f"D = {config.divergence}. Wall time: {took}."
    )
    return parts


def _gain_lines(run: TaskRun, method: str) -> list[str]:
    """SUA at lambda = 1 and the additive score beside entropy, with paired intervals."""
    if not run.reached(method):
        return []
    lines = []
    for evaluation in run.evaluations:
        if evaluation.method != method:
            continue
        split = evaluation.split
        for score, name in (("sua@1", "SUA at lambda = 1"), ("additive", "The additive score")):
            gain = find(
                run.rows,
                dataset=split.dataset,
                split=split.name,
                method=method,
                metric="auroc_gain_over_entropy",
                score=score,
            )
            if gain is not None:
                lines.append(
                    f"- {name} against entropy on {split.dataset} {split.name}: "
                    f"{with_interval(gain)} AUROC (paired)."
                )
    return ["\n".join(lines)] if lines else []


def _truth_lines(run: TaskRun) -> list[str]:
    """Where the label law is known: how often each bound fails, input by input."""
    lines = []
    for evaluation in run.evaluations:
        key = {
            "dataset": evaluation.split.dataset,
            "split": evaluation.split.name,
            "method": evaluation.method,
        }
        failed = number(find(run.rows, **key, metric="eq_11_violated"))
        if failed is None:
            continue
        repaired = number(find(run.rows, **key, metric="n_3_violated"))
        gap = number(find(run.rows, **key, metric="miscalibration_gap"))
        lines.append(
            f"- {key['dataset']} {key['split']}, {METHOD_TITLES[evaluation.method]}: inequality "
            f"(11) fails on {100 * failed:.1f} % of the inputs, its repair n_3 on "
            f"{100 * (repaired or 0.0):.1f} %; mean |H - H*| is {decimal(gap)} nats."
        )
    if not lines:
        return []
    return [
        "### Against the known label law",
        "At phi = 0, lambda = L = 1, TV, 0-1 loss, Gibbs risk: Assumptions 1 and 2 and the "
        "lambda-condition then hold for every distribution; Assumption 3 has no tolerance to "
        "check. A perturbed input is given the label law of its original. These are float64 "
        "counts; the verdicts are those of `sua verify`.",
        "\n".join(lines),
    ]


def report_text(config: Config, runs: Sequence[TaskRun]) -> str:
    """The content of ``report.md``."""
    parts = [
        "# SUA: failure prediction, reproduced",
        f"Seed {config.seed}. The protocol of section 6 of arXiv 2604.20903; the paper names "
        "neither its model nor its data, so its printed numbers are no targets here.",
        _READING.strip(),
    ]
    for run in runs:
        parts += _task_section(run, config)
    return "\n\n".join(parts) + "\n"


def check_destination(out: Path) -> None:
    """Refuse a destination that holds something, before any work is done.

    Raises:
        BadInputError: ``out`` is a file, or a folder that is not empty.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BadInputError(f"--out {out}: exists and is not an empty folder")


def write_report(out: Path, config: Config, runs: Sequence[TaskRun]) -> None:
    """Write everything into a folder beside ``out`` and rename it: all or nothing."""
    out.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        scratch.chmod(0o755)
        document = json.dumps(results_document(config, runs), indent=1) + "\n"
        (scratch / "results.json").write_text(document, encoding="utf-8")
        (scratch / "report.md").write_text(report_text(config, runs), encoding="utf-8")
        worlds = scratch / "worlds"
        for run in runs:
            if run.examined:
                worlds.mkdir(exist_ok=True)
                truth = json.dumps(world_document(run)) + "\n"
                (worlds / f"{run.task.name}.json").write_text(truth, encoding="utf-8")
        folder = scratch / "plots"
        folder.mkdir()
        for run in runs:
            first = run.evaluations[0].split
            main = [e for e in run.evaluations if e.split is first]
            name = run.task.name
            plots.risk_coverage(main, folder / f"{name}-risk-coverage.png")
            plots.reliability(main, folder / f"{name}-reliability.png")
            plots.sensitivity_entropy(main, folder / f"{name}-sensitivity-entropy.png")
        if out.exists():
            out.rmdir()
        scratch.rename(out)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
