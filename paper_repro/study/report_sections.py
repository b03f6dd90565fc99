"""The sections of a study's report: which tables and pictures stand where, and in which words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from paper_repro.study import report_names as names
from paper_repro.study import report_tables as tables
from paper_repro.study.report_cells import Numbers, Run, seeds
from paper_repro.study.report_document import NOT_RUN, Block, Cell, Items, Section, Table, table
from paper_repro.study.report_setting import below, floor, setting, where
from paper_repro.study.report_tables import Printed
from paper_repro.study.settings import METHODS
from paper_repro.study.summary import short
from paper_repro.tables import decimal

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Material:
    """All that a report is made from.

    Attributes:
        scale: of the study.
        runs: the finished ones.
        left: names of those that are not, as ``Settings.name`` spells them: why they failed, or
            nothing where they wait.
        printed: the paper's own numbers.
        differences: paired differences with intervals, of the summaries.
        verdicts: of the empirical claims: ``id``, ``says``, ``verdict``, ``scale``, ``data`` and
            ``why``.
        acceptance: rows of :func:`paper_repro.study.views.acceptance`.
        examples: rows of :func:`paper_repro.study.qualitative.rerun`, each with ``model``,
            ``method`` and ``seed``.
        works: of :func:`paper_repro.study.what_works.what_works`.
    """

    scale: str
    runs: Sequence[Run]
    left: Mapping[str, str] = field(default_factory=dict)
    printed: Printed = field(default_factory=Printed)
    differences: Rows = ()
    verdicts: Rows = ()
    acceptance: Rows = ()
    examples: Rows = ()
    works: Mapping[str, Any] | None = None


def name_of(run: Run) -> str:
    """As the plan calls the run."""
    return f"{run.task}-{short(run.model)}-{run.method}-{run.seed}"


def listed(caption: str, columns: Mapping[str, str], rows: Rows, *, words: int) -> Table:
    """A table of given rows, one column for each name and title.

    >>> listed("one", {"a": "A"}, [{"a": 1, "b": 2}], words=1).rows[0][0].text
    '1'
    """
    lines = [[_shown(row[name]) for name in columns] for row in rows]
    return table(caption, list(columns.values()), lines, words=words)


def _shown(value: object) -> str:
    if isinstance(value, float):
        return decimal(value)
    if isinstance(value, (list, tuple)):
        return " / ".join(map(str, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_shown(part)}" for name, part in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "none"
    return str(value)


# --- the summary


def summary(material: Material, numbers: Numbers) -> Section:
    """What ran, what did not, and what was found."""
    return Section("Summary", (*_ran(material), *_found(material, numbers)))


def _ran(material: Material) -> Iterator[Block]:
    done = {name_of(run) for run in material.runs if run.method in METHODS}
    left = {name: why for name, why in material.left.items() if name not in done}
    failed = sorted((name, why) for name, why in left.items() if why)
    missing = sorted(name for name, why in left.items() if not why)
    yield (
        f"Scale {material.scale}: of {len(done) + len(left)} runs {len(done)} are done, "
        f"{len(missing)} missing and {len(failed)} failed. A number whose run is missing reads "
        f"“{NOT_RUN.text}”."
    )
    lines = [f"failed: {name}: {why}" for name, why in failed]
    groups: dict[str, list[str]] = {}
    for name in missing:
        groups.setdefault("-".join(name.split("-")[:-2]), []).append(name)
    lines += [f"missing of {group}: {', '.join(_tails(n))}" for group, n in groups.items()]
    if lines:
        yield Items(tuple(lines))


def _tails(missing: Iterable[str]) -> list[str]:
    """Methods with their seeds.

    >>> _tails(["nli-small-at-0", "nli-small-at-1", "nli-small-k3-0"])
    ['at (0, 1)', 'k3 (0)']
    """
    found: dict[str, list[str]] = {}
    for name in missing:
        method, seed = name.split("-")[-2:]
        found.setdefault(method, []).append(seed)
    return [f"{method} ({', '.join(s)})" for method, s in found.items()]


def _found(material: Material, numbers: Numbers) -> Iterator[Block]:
    verdicts = Counter(str(row["verdict"]) for row in material.verdicts)
    if verdicts:
        counted = ", ".join(f"{n} {verdict}" for verdict, n in sorted(verdicts.items()))
        yield f"The empirical claims of the paper, at this scale and on this data: {counted}."
    rows = []
    for task, model in numbers.pairs():
        under = below(numbers, task, model, "standard")
        told = seeds(numbers.runs(task, model, "standard"))
        first = Cell(where(task, model), under or told, mark="below" if under else "")
        rows.append([first, *_headline(numbers, task, model)])
    yield table(
        f"Scale {numbers.scale}, on the clean tests: mean over seeds with its 95 % interval. First "
        "whether SUA-TR holds under perturbation what Standard loses, then how well the failures "
        "of Standard are predicted, by entropy, by SUA and by the score of the largest mean.",
        ("", "Rob. Acc, Standard", "Rob. Acc, SUA-TR", "AUROC, H", "AUROC, SUA, lambda 1",
         "AUROC, largest"), rows,
    )  # fmt: skip


def _headline(numbers: Numbers, task: str, model: str) -> list[Cell]:
    clean = numbers.clean(task, model)
    cells = [
        numbers.cell(task, model, method, clean, "robust_accuracy")
        for method in ("standard", "sua_tr")
    ]
    about = (task, model, "standard", clean, "auroc")
    cells += [numbers.cell(*about, score) for score in ("entropy", "sua@1")]
    means = {s: numbers.mean(*about, s) for s in names.rivals(numbers.scores(task, model))}
    known = {s: mean for s, mean in means.items() if mean is not None}
    if not known:
        return [*cells, NOT_RUN]
    best = max(known, key=lambda s: known[s])
    return [*cells, numbers.cell(*about, best, note=names.score(best))]


# --- the tables of the paper


def main_tables(material: Material, numbers: Numbers) -> list[Section]:
    """Tables 2 and 3."""
    first: list[Block] = [
        "The paper names neither its models nor its data: its printed numbers stand beside ours "
        "for comparison and are no targets."
    ]
    second: list[Block] = []
    for task, model in numbers.pairs():
        first += [
            f"{where(task, model)}: {below(numbers, task, model, method)}."
            for method in ("standard", "sua_tr") if below(numbers, task, model, method)
        ]  # fmt: skip
        first.append(tables.table_2(numbers, task, model, material.printed))
        if _any(numbers, task, model, [row[1] for row, _ in tables.TABLE_3]):
            second.append(tables.table_3(numbers, task, model, material.printed))
    return [
        Section("Table 2: main results", tuple(first)),
        Section("Table 3: ablations", tuple(second) or ("not run",)),
    ]


def _any(numbers: Numbers, task: str, model: str, methods: Iterable[str]) -> bool:
    """Whether an ablation ran: a method beside Standard and SUA-TR themselves."""
    return any(
        numbers.runs(task, model, m) for m in methods if m not in ("standard", "sua_tr")
    )  # fmt: skip


def appendix_b(material: Material, numbers: Numbers) -> dict[str, list[Block]]:
    """The tables of B.1 to B.4, by their place; pictures are put beside them."""
    found: dict[str, list[Block]] = {"B.1": [], "B.2": [], "B.3": [], "B.4": []}
    for task, model in numbers.pairs():
        found["B.1"].append(tables.spearman(numbers, task, model, material.printed))
        if _any(numbers, task, model, [row[1] for row in tables.MIXTURES]):
            found["B.2"].append(tables.mixtures(numbers, task, model))
        if _any(numbers, task, model, tables.TRAINING_LAMBDAS.values()):
            found["B.3"].append(tables.training_lambdas(numbers, task, model))
        found["B.4"].append(tables.coverages(numbers, task, model, material.printed))
    return found


def rivals(material: Material, numbers: Numbers) -> Section:
    """Every score against every other, and the paired differences."""
    blocks: list[Block] = [
        "Higher scores mean more likely to fail. e is one minus the largest probability, S the "
        "sensitivity over five views, H the entropy; “mean” is the average over the same views."
    ]
    for task, model in numbers.pairs():
        for test in numbers.tests(task, model, "clean", "perturbed"):
            for method in ("standard", "sua_tr"):
                if numbers.runs(task, model, method):
                    about = (task, model, method, test.dataset, test.role)
                    blocks.append(tables.rivals(numbers, *about))
    for task, model in numbers.pairs():
        here = [
            row for row in material.differences
            if (row["task"], row["model"]) == (task, short(model))
            and tables.score_against_score(row)
        ]  # fmt: skip
        if here:
            blocks.append(tables.differences(here, setting(numbers, task, model)))
    return Section("The strongest rivals against each other", tuple(blocks))


# --- what is handed over as rows


def acceptance(material: Material) -> Section:
    """What the filters of section 5.3 let through."""
    columns = {"task": "task", "dataset": "data", "source": "source", "origin": "made by",
               "draws": "draws", "unchanged": "unchanged", "proposals": "proposals",
               "acceptance": "accepted", "rejected": "rejected by",
               "label_preservation": "label preserved"}  # fmt: skip
    said = (
        f"Scale {material.scale}. How many perturbations each source was asked for, and which "
        "share of its proposals passed the filters. Whether the label is preserved is told only "
        "where a person judged it."
    )
    return _given("Perturbations: acceptance", said, columns, material.acceptance, 4)


def examples(material: Material) -> Section:
    """The qualitative examples, re-run."""
    title = "Qualitative examples, re-run"
    if not material.examples:
        return Section(title, (NOT_RUN.text,))
    rows = [_example(row) for row in material.examples]
    said = (
        f"Scale {material.scale}. The examples of section 6.8, put to our models; the perturbed "
        "text is the view that moves the output furthest. Look at S and H side by side: a "
        "confident answer that changes has a large S and a small H."
    )
    header = ("model", "input", "perturbed", "answer", "the paper reports", "S", "H", "SUA")
    return Section(title, (table(said, header, rows, words=5),))


def _example(row: Mapping[str, Any]) -> list[Cell]:
    first, *others = row["texts"]
    return [
        Cell(
            f"{row['model']}, {names.method(row['method'])}", f"{row['task']}, seed {row['seed']}"
        ),
        Cell(first, " / ".join(others)),
        Cell(row["perturbed"]),
        Cell(row["answer"], f"confidence {decimal(row['confidence'])}; label: {row['label']}"),
        Cell(row["said"]),
        *(Cell(decimal(row[name])) for name in ("sensitivity", "entropy", "sua")),
    ]  # fmt: skip


def verdicts(material: Material) -> Section:
    """What is reproduced and what is not."""
    columns = {"id": "claim", "verdict": "verdict", "says": "the paper says", "scale": "scale",
               "data": "data", "why": "because"}  # fmt: skip
    said = (
        "One row for each sentence of the paper that claims something empirical, with a test that "
        "was fixed before the runs. The verdict is about this scale and this data."
    )
    return _given("Verdicts of the empirical claims", said, columns, material.verdicts, 6)


def _given(title: str, said: str, columns: Mapping[str, str], rows: Rows, words: int) -> Section:
    if not rows:
        return Section(title, ("not run",))
    return Section(title, (listed(said, columns, rows, words=words),))


def versions(run: Run) -> str:
    """What a run was made with."""
    return ", ".join(f"{name} {v}" for name, v in sorted(run.config["versions"].items()))


def provenance(material: Material, numbers: Numbers) -> Section:
    """Each run with its folder and time, and the floors."""
    rules = []
    for task, model in numbers.pairs():
        rule = floor(numbers, task, model)
        if rule is not None:
            rules.append(
                f"{setting(numbers, task, model)} The floor is {rule[0]}, accuracy "
                f"{decimal(rule[1])}."
            )
    rows = [
        [run.path.name, str(run.result.get("architecture", "")), versions(run)]
        for run in sorted(material.runs, key=lambda r: r.path.name)
        if run.method in METHODS  # the others are derived from these
    ]
    blocks: list[Block] = [Items(tuple(rules))] if rules else []
    said = "Every number above comes from one of these folders."
    blocks.append(table(said, ("folder", "model", "versions"), rows, words=3))
    return Section("The runs", tuple(blocks))
