"""The command ``sua``. Each subcommand imports what it needs when it runs."""

from __future__ import annotations

import datetime
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paper_repro.bad_input import BadInputError
from paper_repro.cli_study import train
from paper_repro.terminal import Json, console, fault, progress, say, write_new

if TYPE_CHECKING:
    from paper_repro.reproduce import TaskRun

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Sensitivity-Uncertainty Alignment (arXiv 2604.20903), with a verdict for every claim.",
)


def main() -> None:
    """Run the command; bad input is one line on the error stream and exit status 2."""
    try:
        app()
    except BadInputError as error:
        print(f"sua: {error}", file=sys.stderr)  # noqa: T201  # the command's one error line
        sys.exit(2)


def _print_run(run: TaskRun) -> None:
    from paper_repro.tables import METHOD_TITLES, aligned, auroc_table, standing

    for method in run.accuracy:
        say(f"\n{run.task.name}, {METHOD_TITLES[method]}: AUROC of failure prediction")
        say(standing(run, method), style="" if run.reached(method) else "bold red")
        say(aligned(*auroc_table(run, method)))
    if run.examined:
        from paper_repro.exact_report import difficulty, summary

        say(
            f"\n{run.task.name}: the claims on the trained models, decided where the truth is known"
        )
        say(difficulty(run))
        say(aligned(*summary(run)))


@app.command(
    epilog="Example: sua reproduce --data ../data --tasks topic --out runs/topic    "
    "The study: sua reproduce --scale quick --data ../data --minutes 60 (again to go on)"
)
def reproduce(
    data: Annotated[
        Path | None, typer.Option(help="Folder of datasets. Without it: worlds with known truth.")
    ] = None,
    tasks: Annotated[
        str | None,
        typer.Option(
            help="Tasks, comma-separated: topic,nli with --data; topic,nli,qa with --scale; "
            "else world_qa and so on."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Result folder. Default: a fresh one under ./sua-runs/; with --scale, always "
            "./sua-runs/study-SCALE."
        ),
    ] = None,
    scale: Annotated[
        str | None,
        typer.Option(
            help="The study of section 6: quick (two cores, hours, goes on where it stopped), "
            "standard or paper (a GPU)."
        ),
    ] = None,
    methods: Annotated[
        str | None, typer.Option(help="With --scale: methods, comma-separated. Default: all.")
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(help="With --scale: how many seeds at most. Default: all.")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(help="With --scale: another pretrained model, a local folder or a hub id."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="With --scale: runs at once. Default: one a core.")
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(help="With --scale: stop after so long, to go on later.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="TOML file of fields to change.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 0,
    as_json: Json = False,
) -> None:
    """Train as Standard and as SUA-TR, predict failures by every score, write a report.

    Without --data the tasks are worlds whose truth is known: world_qa, world_nli, world_topic.
    There every theorem is also decided on the trained models, at every input. Exit status 1: a
    statement that is proved failed, which is a bug of this program; or, with --scale, a run failed.
    """
    if scale is not None:
        from paper_repro.cli_study import Options, study

        if config is not None or seed:
            raise BadInputError("--scale: its settings and seeds are fixed; no --config, no --seed")
        study(
            Options(scale, data, out, tasks, methods, seeds, model, workers, minutes),
            as_json=as_json,
        )
        return
    for name, value in (("methods", methods), ("seeds", seeds), ("model", model),
                        ("workers", workers), ("minutes", minutes)):  # fmt: skip
        if value is not None:
            raise BadInputError(f"--{name}: goes with --scale")
    from paper_repro.config import load_config
    from paper_repro.tasks import DATA_TASKS, WORLD_TASKS

    offered = WORLD_TASKS if data is None else DATA_TASKS
    chosen = tuple(tasks.split(",")) if tasks else offered
    for name in chosen:
        if name not in offered:
            where = "without --data" if data is None else "with --data"
            raise BadInputError(f"--tasks: {name!r} is none of {', '.join(offered)} ({where})")
    settings = load_config(config, tasks=chosen, seed=seed)

    import torch

    if data is None:
        torch.set_num_threads(1)  # on models this small a second thread costs more than it saves
    from paper_repro.report import check_destination, write_report
    from paper_repro.reproduce import load_tasks, results_document, run_task

    stamp = datetime.datetime.now().strftime("%Y%m%d-%H%M%S")
    folder = out or Path("sua-runs") / f"reproduce-{stamp}"
    check_destination(folder)
    loaded = load_tasks(settings, data)
    runs = []
    with progress() as begin:
        for task in loaded:
            runs.append(run_task(task, settings, begin))
    write_report(folder, settings, runs)
    if as_json:
        console.print_json(json.dumps(results_document(settings, runs)))
    else:
        for run in runs:
            _print_run(run)
        say(f"\nReport: {folder / 'report.md'}")
    from paper_repro.exact_report import bugs

    faults = [bug for run in runs for bug in bugs(run)]
    for each in faults:
        fault(each)
    if faults:
        raise typer.Exit(1)


@app.command(
    epilog="Example: sua verify thm_4_3    "
    "Your own claim: sua verify mine.py, a module of CLAIMS and pieces(claim_id) as in the README."
)
def verify(
    claims: Annotated[
        list[str] | None,
        typer.Argument(
            help="Claim ids, such as thm_4_3 or asm_1@tv, or a file of your own claims."
        ),
    ] = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Re-run the long certificates too (minutes).")
    ] = False,
    tex: Annotated[
        bool, typer.Option("--tex", help="Write an erratum in LaTeX: what is named, or what fell.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="File for --tex. Default: print it.")] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Forge a proof and a counterexample; see both caught.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Re-run the evidence of every claim, or of those named, and print the verdicts."""
    from paper_repro.verify import Verification, run_demo
    from proofs_checks.verdict import ContradictionError

    if demo and (claims or deep or tex or as_json):
        raise BadInputError("--demo stands alone")
    if tex and as_json:
        raise BadInputError("--tex and --json: one at a time")
    if out is not None and not tex:
        raise BadInputError("--out goes with --tex")
    if demo:
        if not run_demo(say):
            raise typer.Exit(1)
        return
    asked = Verification.of(claims or [])
    try:
        with progress() as begin:
            asked.run(begin, deep=deep, others=not as_json)
    except ContradictionError as error:
        fault(f"{error}")
        raise typer.Exit(1) from error
    if as_json:
        console.print_json(json.dumps(asked.document()))
    elif tex:
        write_new(asked.erratum(), out)
    else:
        width = min(max(console.width, 60), 100) if console.is_terminal else 100
        for line, style in asked.lines(width):
            say(line, style)
    for each in asked.faults:
        fault(each)
    if asked.faults:
        raise typer.Exit(1)


@app.command(epilog="Example: sua doctor")
def doctor(as_json: Json = False) -> None:
    """Say what is installed, which device there is, what is missing and how to get it."""
    from paper_repro.doctor import findings

    found = findings()
    if as_json:
        console.print_json(json.dumps({"schema": "sua.doctor/1", "findings": found}))
        return
    for finding in found:
        line = f"{finding['what']:14} {finding['state']:16} {finding['advice']}".rstrip()
        say(line)


@app.command(
    epilog="Example: sua crosscheck --function scipy.spatial.distance:jensenshannon --quantity jsd"
)
def crosscheck(
    device: Annotated[
        str, typer.Option(help="auto (CUDA where there is one), cpu or cuda.")
    ] = "auto",
    deep: Annotated[bool, typer.Option("--deep", help="Also at V = 128256.")] = False,
    seed: Annotated[int, typer.Option(help="Seed of the hard inputs.")] = 0,
    function: Annotated[
        str | None, typer.Option(help="Check this function of yours: package.module:name.")
    ] = None,
    quantity: Annotated[
        str | None, typer.Option(help="What it returns: entropy, kl, jsd, tv or ece.")
    ] = None,
    form: Annotated[
        str, typer.Option("--from", help="What it takes: probabilities or logits.")
    ] = "probabilities",
    arrays: Annotated[str, typer.Option(help="numpy (float64) or torch (float32).")] = "numpy",
    examples: Annotated[
        bool, typer.Option("--examples", help="Check well-known public functions instead.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Hold the backend, or a function of yours, to ball arithmetic on hard inputs.

    Exit status 1 says that some error exceeds its bound.
    """
    from paper_repro import crosscheck as check
    from paper_repro import crosscheck_lines as lines

    if function is None and quantity is not None:
        raise BadInputError("--quantity: says what --function returns; give that too")
    if function is not None or examples:
        found = check.foreign(function, quantity, form, arrays, examples=examples)
        result, text = check.document(found.outcomes), lines.of_functions(found)
    else:
        with progress() as begin:
            rows = check.crosscheck(check.pick_device(device), seed, begin, deep=deep)
        result, text = check.document(rows), lines.of_backend(rows)
    if as_json:
        console.print_json(json.dumps(result))
    else:
        say(text)
    for each in lines.faults(result):
        fault(each)
    if not result["ok"]:
        raise typer.Exit(1)


@app.command(epilog="Example: sua bench --v 1000 --v 32000 --v 128000 --threads 1")
def bench(
    v: Annotated[
        list[int] | None, typer.Option("--v", help="Width of the logits; may be repeated. [32000]")
    ] = None,
    n: Annotated[int, typer.Option("--n", help="Rows of the metrics.")] = 1_000_000,
    dtype: Annotated[str, typer.Option(help="float32, bfloat16, float16 or float64.")] = "float32",
    device: Annotated[
        str, typer.Option(help="auto (CUDA where there is one), cpu or cuda.")
    ] = "auto",
    threads: Annotated[
        int | None, typer.Option(help="Threads of torch. Default: its own choice.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Run the backend beside its rivals on the same inputs: speed, memory, difference in value."""
    from paper_repro import bench as benchmark
    from paper_repro.bench_lines import table
    from paper_repro.crosscheck import pick_device

    chosen = benchmark.settings(v or [32000], n, dtype, pick_device(device), threads)
    with progress() as begin:
        result = benchmark.run(chosen, begin)
    if as_json:
        console.print_json(json.dumps(result))
    else:
        say(table(result))


@app.command(
    epilog="Example: sua compare runs/nli-small-at-0-1a2b3c4d5e runs/nli-small-at-1-6f7a8b"
)
def compare(
    first: Annotated[Path, typer.Argument(metavar="RUN1", help="Folder of a run of a study.")],
    second: Annotated[Path, typer.Argument(metavar="RUN2", help="Folder of another.")],
    as_json: Json = False,
) -> None:
    """Say what differs between two runs of a study, and whether it is more than noise.

    Every number of both, on the same inputs, with a paired-bootstrap interval of its change.
    """
    from paper_repro.study import compare as comparison

    runs = comparison.done(first), comparison.done(second)
    with progress() as begin:
        found = comparison.compare(*runs, begin)
    if as_json:
        console.print_json(json.dumps(comparison.document(found)))
    else:
        for line in comparison.lines(found):
            say(line)


app.command(epilog="Example: sua train nli --data ../data --out runs/nli-sua-tr --lambda 0.5")(
    train
)
