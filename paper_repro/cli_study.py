"""The part of the command line that does a study; it alone sees the runs and the verdicts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paper_repro.terminal import Json, console, fault, progress, say

if TYPE_CHECKING:
    from paper_repro.study.write_up import Paper


@dataclass(frozen=True)
class Options:
    """What the user typed."""

    scale: str
    data: Path | None
    out: Path | None
    tasks: str | None
    methods: str | None
    seeds: int | None
    model: str | None
    workers: int | None
    minutes: float | None


def _listed(text: str | None) -> list[str] | None:
    return None if text is None else [name.strip() for name in text.split(",")]


def paper() -> Paper:
    """The paper's numbers and the declared tests, for the part of the package that writes reports
    and does not import the registry."""
    from paper_repro.study.report_tables import Printed
    from paper_repro.study.write_up import Paper
    from proofs_checks import printed_tables
    from proofs_checks.empirical import comparisons
    from proofs_checks.empirical_judged import read_folder
    from proofs_checks.empirical_rows import rows

    printed = Printed(
        table_2=printed_tables.TABLE_2,
        table_3=printed_tables.TABLE_3,
        ambiguous=printed_tables.FIGURE_2_AMBIGUOUS,
        adversarial=printed_tables.FIGURE_2_ADVERSARIAL,
        by_k=printed_tables.APPENDIX_B_1,
        by_coverage={f"{float(c):g}": two for c, two in printed_tables.APPENDIX_B_4.items()},
    )
    return Paper(printed, comparisons(), lambda folder, scale: rows(read_folder(folder), scale))


def study(options: Options, *, as_json: bool) -> None:
    """Do the runs that are not done, write summaries and report, say where things stand."""
    from paper_repro.study.command import Study, document, lines

    asked = Study.of(
        options.scale, options.data, options.out, tasks=_listed(options.tasks),
        methods=_listed(options.methods), seeds=options.seeds, model=options.model,
    )  # fmt: skip
    with progress() as begin:
        statuses = asked.do(begin, workers=options.workers, minutes=options.minutes)
        report = asked.write_up(statuses, paper(), begin)
    if as_json:
        console.print_json(json.dumps(document(asked, statuses)))
    else:
        for line in lines(statuses):
            say(line)
        if report is not None:
            say(f"Report: {report} and {report.with_suffix('.html').name}")
            say(f"Summaries: {asked.out / 'summaries'}")
    failed = [s for s in statuses if s.state == "failed"]
    for status in failed:
        fault(f"{status.settings.name}: {status.detail}")
    if failed:
        raise typer.Exit(1)


def train(
    task: Annotated[str, typer.Argument(help="nli, topic or qa.")],
    data: Annotated[Path, typer.Option(help="Folder of datasets.")],
    out: Annotated[
        Path, typer.Option(help="Folder of the training; one that was stopped goes on.")
    ],
    model: Annotated[str, typer.Option(help="minilm, a local folder or a hub id.")] = "minilm",
    lam: Annotated[float, typer.Option("--lambda", help="lambda of S - lambda H.")] = 1.0,
    a: Annotated[float, typer.Option("--a", help="Weight of the consistency loss.")] = 1.0,
    b: Annotated[float, typer.Option("--b", help="Weight of the alignment loss.")] = 1.0,
    divergence: Annotated[str, typer.Option(help="jsd, kl, reverse_kl, tv and so on.")] = "jsd",
    stop_gradient: Annotated[
        str, typer.Option(help="The side that is held: perturbed, clean or none.")
    ] = "perturbed",
    perturbed_gradient: Annotated[
        bool, typer.Option("--perturbed-gradient", help="Alignment through the views as well.")
    ] = False,
    warmup_steps: Annotated[int, typer.Option(help="Steps over which a and b rise.")] = 0,
    k: Annotated[int, typer.Option("--k", help="Perturbations of each input.")] = 5,
    pi: Annotated[
        str, typer.Option(help="mixture, tokens, paraphrase or adversarial.")
    ] = "mixture",
    rows: Annotated[int, typer.Option(help="Rows that train, at most.")] = 20000,
    epochs: Annotated[float, typer.Option(help="Passes over them.")] = 3.0,
    batch_size: Annotated[int, typer.Option(help="Rows of a step, in each process.")] = 32,
    learning_rate: Annotated[float, typer.Option(help="Its peak.")] = 5e-5,
    max_tokens: Annotated[int, typer.Option(help="Of an input, the rest is cut.")] = 128,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
    cpu: Annotated[bool, typer.Option("--cpu", help="Use no accelerator.")] = False,
    as_json: Json = False,
) -> None:
    """Fine-tune a pretrained encoder by SUA-TR, equation (15), and save it in the hub's format.

    On several processes: torchrun --nproc_per_node 2 -m paper_repro train nli --data DIR --out OUT.
    """
    from paper_repro.fine_tune import Training, fit
    from paper_repro.objective import Objective

    objective = Objective(
        lam=lam, a=a, b=b, divergence=divergence, stop_gradient=stop_gradient,
        perturbed_gradient=perturbed_gradient, warmup_steps=warmup_steps,
    )  # fmt: skip
    asked = Training(
        task, model, objective, k=k, pi=pi, rows=rows, epochs=epochs, batch_size=batch_size,
        learning_rate=learning_rate, max_tokens=max_tokens, seed=seed,
    )  # fmt: skip
    accuracy = fit(asked, data, out, use_cpu=cpu)
    if as_json:
        console.print_json(json.dumps({"schema": "sua.train/1", "accuracy": accuracy}))
        return
    for name, value in accuracy.items():
        say(f"{name:24} accuracy {value:.3f}")
    say(f"Model: {out / 'model'}")
