"""The K views of every input that the study trains on and evaluates at, drawn once and kept.

What is drawn does not depend on a model under study: the label check and the adversarial search ask
a fixed auxiliary classifier, so that all methods are compared at the same views. Each draw number
of a split is a file of its own. So the first k views do not depend on how many are asked for, and a
process that is stopped loses one file at most.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from paper_repro.bad_input import BadInputError
from paper_repro.examples import Split, Texts
from paper_repro.perturbations.ready_made import read_pairs
from paper_repro.perturbations.report import SourceReport, report, report_pairs
from paper_repro.perturbations.sources import Draw, Drawing, draw_nth
from paper_repro.run_folder import canonical, write_whole
from paper_repro.study import drawn
from paper_repro.study.distributions import (
    SEARCHING,
    distribution,
    encoder_installed,
    settings_of,
)
from paper_repro.study.tasks import StudyTask


def _data_folder(data: Path | None) -> Path:
    folder = os.environ.get("SUA_DATA") if data is None else data
    if folder is None:
        raise BadInputError("data: not given (nor SUA_DATA); it holds the word lists")
    return Path(folder)


def _where(
    task: StudyTask, split: Split, pi: str, k: int, seed: int, cache: Path, data: Path
) -> tuple[Path, dict[str, Any]]:
    """The folder of the draws and what decides them.

    Where the sentence encoder is missing, views that were drawn with it are read all the same; only
    what is not there is drawn without.
    """
    found = settings_of(task, split, pi, seed, data, filtered=True)
    folder = drawn.folder_of(cache, found)
    there = all(drawn.file_of(folder, n).exists() for n in range(k))
    if pi in SEARCHING and not encoder_installed() and not there:
        found = settings_of(task, split, pi, seed, data, filtered=False)
        folder = drawn.folder_of(cache, found)
    return folder, found


def draws_of(
    task: StudyTask,
    split: Split,
    pi: str,
    k: int,
    seed: int,
    cache: Path,
    *,
    data: Path | None = None,
) -> list[list[Draw]]:
    """K draws for every input of a split, with the record of each, ``(N, k)``.

    Args:
        task: whose training rows the auxiliary classifier learns, and which says what may change.
        split: the inputs.
        pi: "mixture", "tokens", "paraphrase" or "adversarial".
        k: how many; the first of them do not depend on it.
        seed: of the draws.
        cache: a folder to keep them in, made if missing.
        data: the folder of datasets, with the word lists; None: that of SUA_DATA.

    Raises:
        BadInputError: ``pi`` or ``k`` is out of range, a word list is missing, or the cache is
            damaged or cannot be written.
    """
    if k < 1:
        raise BadInputError(f"k: {k}; at least 1 wanted")
    data = _data_folder(data)
    folder, settings = _where(task, split, pi, k, seed, cache, data)
    source: Drawing | None = None
    columns = []
    for number in range(k):
        path = drawn.file_of(folder, number)
        if not path.exists():
            with drawn.alone(folder):
                if not path.exists():  # nor has another process drawn it meanwhile
                    filtered = settings["encoder"] is not None
                    source = source or distribution(task, split, pi, data, filtered=filtered)
                    new = draw_nth(source, split.examples, number, seed)
                    drawn.write(path, settings, number, split.examples, new)
        columns.append(drawn.read(path, settings, number, split.examples))
    return [list(row) for row in zip(*columns, strict=True)]


def views_of(
    task: StudyTask,
    split: Split,
    pi: str,
    k: int,
    seed: int,
    cache: Path,
    *,
    data: Path | None = None,
) -> list[list[Texts]]:
    """K views x'_1..x'_K of every input of a split, ``(N, k)``, from Pi(.|x) (Definition 3.1).

    Arguments and errors as of :func:`draws_of`. An input for which nothing was accepted is its own
    view; :func:`acceptance` counts those.
    """
    draws = draws_of(task, split, pi, k, seed, cache, data=data)
    return [[draw.texts for draw in row] for row in draws]


def acceptance(
    task: StudyTask,
    split: Split,
    pi: str,
    k: int,
    seed: int,
    cache: Path,
    *,
    data: Path | None = None,
) -> list[dict[str, Any]]:
    """What the filters let through, source by source, and the task's ready-made pairs beside it.

    Arguments and errors as of :func:`draws_of`. The rows are also written beside the draws, as
    ``acceptance-{k}.json``.

    Returns:
        JSON values: the fields of :class:`~paper_repro.perturbations.report.SourceReport`, its two
        rates, "task", "dataset", "split" and whether the sentence encoder was a filter. The label
        is "not checked" wherever no person judged it, whatever the auxiliary classifier said.
    """
    data = _data_folder(data)
    draws = [d for row in draws_of(task, split, pi, k, seed, cache, data=data) for d in row]
    folder, settings = _where(task, split, pi, k, seed, cache, data)
    rows = _rows(task, split, report(draws), settings["encoder"])
    for test in task.tests:
        if test.originals is not None:
            name = test.split.dataset
            rows += _rows(task, test.split, [report_pairs(name, read_pairs(data, name))], None)
    document = {"settings": settings, "k": k, "rows": rows}
    write_whole(folder / f"acceptance-{k}.json", canonical(document))
    return rows


def _rows(
    task: StudyTask, split: Split, reports: Sequence[SourceReport], encoder: str | None
) -> list[dict[str, Any]]:
    names = {"task": task.name, "dataset": split.dataset, "split": split.name}
    return [
        names | r.to_dict() | {"encoder": encoder if r.source == "adversarial" else None}
        for r in reports
    ]
