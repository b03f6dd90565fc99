"""A list of runs, each in a process of its own: one that fails does not lose the others."""

from __future__ import annotations

import json
import multiprocessing
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

from paper_repro.bad_input import BadInputError
from paper_repro.run_folder import RunFolder, write_whole
from paper_repro.study.settings import Settings
from paper_repro.study.tasks import StudyTask

FAILED = "failed.txt"
PROGRESS = "progress.json"
_POLL = 0.5
_REWRITE = 2.0


@dataclass(frozen=True)
class Status:
    """Where a run stands.

    Attributes:
        settings: of the run.
        state: "done", "failed", "running", "begun" (stopped, to be gone on with) or "left".
        detail: the stage and the share done, or the error.
    """

    settings: Settings
    state: str
    detail: str = ""


def _work(settings: Settings, data: Path, out: Path, folder: Path, threads: int) -> None:
    """The body of a process: one run; what went wrong is left in its folder."""
    import torch

    from paper_repro.study.run import do

    torch.set_num_threads(threads)
    (folder / FAILED).unlink(missing_ok=True)
    written = [0.0]

    def report(stage: str, total: int) -> Callable[[int], None]:
        done = [0]

        def advance(count: int) -> None:
            done[0] += count
            if time.monotonic() - written[0] > _REWRITE:
                written[0] = time.monotonic()
                share = done[0] / max(total, 1)
                with suppress(OSError):  # only for the eye
                    (folder / PROGRESS).write_text(json.dumps([stage, share]), encoding="utf-8")

        return advance

    try:
        do(settings, data, out, report)
    except Exception as error:  # noqa: BLE001  # whatever it was, the other runs go on
        text = f"{type(error).__name__}: {error}\n\n{traceback.format_exc()}"
        write_whole(folder / FAILED, text.encode())
        raise SystemExit(1) from None
    finally:
        (folder / PROGRESS).unlink(missing_ok=True)


def status(settings: Settings, folder: RunFolder, *, running: bool = False) -> Status:
    """Where a run stands, from its folder alone."""
    if folder.result is not None:
        return Status(settings, "done")
    if running:
        detail = ""
        with suppress(OSError, ValueError):
            stage, share = json.loads((folder.path / PROGRESS).read_text(encoding="utf-8"))
            detail = f"{stage} {100 * share:.0f} %"
        return Status(settings, "running", detail)
    if (folder.path / FAILED).is_file():
        first = (folder.path / FAILED).read_text(encoding="utf-8").splitlines()[0]
        return Status(settings, "failed", first)
    return Status(settings, "begun" if (folder.path / "state.pt").is_file() else "left")


def prepare(runs: Sequence[Settings], data: Path, out: Path) -> Iterator[RunFolder]:
    """Read and check every task that the runs need, before the first of them starts.

    Yields the folder of each run. Views are drawn by the first run that needs them.

    Raises:
        BadInputError: data that are missing or wrong.
    """
    from paper_repro.study.run import config_of, read_task

    tasks: dict[tuple[str, int, int, bool], StudyTask] = {}
    for settings in (s.resolved() for s in runs):
        key = (settings.task, settings.train_rows, settings.test_rows, settings.all_sets)
        if key not in tasks:
            tasks[key] = read_task(settings, data)
        yield RunFolder(out / "runs", settings.name, config_of(settings, tasks[key], data))


def sweep(
    runs: Sequence[Settings],
    folders: Sequence[RunFolder],
    data: Path,
    out: Path,
    *,
    workers: int,
    threads: int,
    tell: Callable[[list[Status]], None],
    until: float | None = None,
) -> list[Status]:
    """Do the runs that are not done; where each stands in the end.

    Args:
        runs, folders: in order.
        data: the folder of datasets.
        out: the folder of the study.
        workers: processes at once.
        threads: of torch in each.
        tell: told where everything stands, twice a second.
        until: of ``time.monotonic``: no run is begun after it, and those that run are stopped;
            they go on from their last state the next time.

    Raises:
        BadInputError: no workers.
    """
    if workers < 1:
        raise BadInputError(f"--workers: {workers}; at least 1 wanted")
    context = multiprocessing.get_context("spawn")
    waiting = [i for i, folder in enumerate(folders) if folder.result is None]
    running: dict[int, BaseProcess] = {}

    def now() -> list[Status]:
        pairs = enumerate(zip(runs, folders, strict=True))
        return [status(s, f, running=i in running) for i, (s, f) in pairs]

    try:
        while waiting or running:
            late = until is not None and time.monotonic() > until
            if late:
                break
            while waiting and len(running) < workers:
                i = waiting.pop(0)
                running[i] = context.Process(
                    target=_work, args=(runs[i], data, out, folders[i].path, threads)
                )
                running[i].start()
            time.sleep(_POLL)
            for i in [i for i, process in running.items() if not process.is_alive()]:
                process = running.pop(i)
                process.join()
                killed = process.exitcode not in (0, 1)
                if killed and not (folders[i].path / FAILED).is_file():
                    said = f"the process ended with status {process.exitcode}\n"
                    write_whole(folders[i].path / FAILED, said.encode())
            tell(now())
    finally:
        for process in running.values():
            process.terminate()
            process.join()
        running.clear()
    return now()
