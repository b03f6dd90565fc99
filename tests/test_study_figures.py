"""The pictures of a study's report: they draw what the numbers say, and the code's own stages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import sua_gpu
import sua_ref
from paper_repro.study import pipeline, plots
from paper_repro.study import report_figures as figures
from paper_repro.study.plots import Dot, Line
from paper_repro.study.report_cells import Numbers
from paper_repro.study.report_intervals import Judges
from paper_repro.study.report_names import rivals
from paper_repro.study.report_tables import Printed
from paper_repro.study.run import read_runs
from tests.study_reports import narrow, no_interval
from tests.study_runs import invent


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> Numbers:
    out = tmp_path_factory.mktemp("study")
    methods = ["standard", "sua_tr", "lam_0", "lam_2"]
    invent(out, ["nli"], ["small"], methods, seeds=(0, 1), rows=80)
    return Numbers(read_runs(out), narrow, "quick")


def root(svg: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def test_dots_stand_where_the_numbers_are() -> None:
    svg = plots.dots("t", "x", [Dot("a", "g", 0.2), Dot("b", "g", 0.8, 0.7, 0.9)], 0.5).decode()
    marks = re.findall(
        r'<use xlink:href="#[^"]+" x="([\d.]+)" y="([\d.]+)" style="fill: #0072b2', svg
    )
    (x_a, y_a), (x_b, y_b) = [(float(x), float(y)) for x, y in marks[:2]]
    assert x_a < x_b
    assert y_a < y_b


def test_an_interval_that_does_not_hold_the_mean_is_drawn_as_far_as_it_goes() -> None:
    assert plots._error(Dot("a", "g", 0.5, 0.6, 0.7)) == [[0.0], [pytest.approx(0.2)]]


def test_equal_numbers_give_equal_bytes() -> None:
    drawn = [Line("a", [0, 1], [0.1, 0.2], [0.0, 0.1], [0.2, 0.3]), Line("b", [0, 1], [0.3, 0.1])]
    assert plots.lines("t", "x", "y", drawn) == plots.lines("t", "x", "y", drawn)


def test_colours_are_told_apart_by_the_colour_blind() -> None:
    """Okabe and Ito's, and marks and dashes that differ as well."""
    assert len(set(plots.COLOURS)) == len(plots.COLOURS) == len(set(plots._MARKS))
    svg = plots.lines("t", "x", "y", [Line("a", [0, 1], [0, 1]), Line("b", [0, 1], [1, 0])])
    used = set(re.findall(r"stroke: (#[0-9a-f]{6})", svg.decode().lower()))
    assert {c.lower() for c in plots.COLOURS[:2]} <= used
    assert b"stroke-dasharray" in svg


@pytest.mark.parametrize(
    "draw",
    [
        lambda n: figures.auroc_by_score(n, Printed()),
        figures.by_k,
        figures.by_training_lambda,
        figures.by_score_lambda,
        lambda n: figures.risk_coverage(n, Judges()),
        lambda n: pipeline.pipeline(),
    ],
)
def test_every_picture_is_a_picture_with_words(numbers: Numbers, draw: Any) -> None:
    figure = draw(numbers)
    assert figure.panels
    assert figure.caption
    names = [panel.name for panel in figure.panels]
    assert len(set(names)) == len(names)
    for panel in figure.panels:
        assert root(panel.svg).tag.endswith("svg")
        assert panel.words


def test_figure_2_tells_every_score_on_every_subset(numbers: Numbers) -> None:
    figure = figures.auroc_by_score(numbers, Printed(ambiguous={"SUA": "0.11"}))
    assert "0.11" in figure.caption
    assert len(figure.panels) == 2
    words = figure.panels[0].words
    value = numbers.mean("nli", "small", "standard", "chaosnli", "auroc", "sua@1")
    assert value is not None
    assert f"SUA, lambda 1, ambiguous: chaosnli {value:.3f}" in words
    assert words.count("shift: mnli") == len(rivals(numbers.scores("nli", "small")))


def test_the_curve_is_the_reference_at_its_coverages(numbers: Numbers) -> None:
    run = numbers.runs("nli", "small", "standard")[0]
    judges = Judges()
    drawn = {line.name: line for line in figures._curves(judges, [run], "snli")}
    line = drawn["H"]
    output = next(o for o in run.outputs() if o.dataset == "snli")
    errors = (output.logits.argmax(-1) != output.labels).astype(int)
    curve = sua_ref.risk_coverage_curve(judges.scores(run, "snli")["entropy"], errors)
    known = dict(zip(np.asarray(curve.coverage).tolist(), np.asarray(curve.risk).tolist(),
                     strict=True))  # fmt: skip
    assert len(line.x) > 70
    for x, y in zip(line.x, line.y, strict=True):
        assert known[x] == y
    assert line.x[-1] == 1
    assert line.y[-1] == pytest.approx(errors.mean(), abs=1e-15)


def test_a_curve_is_the_mean_over_seeds_and_its_band_their_range(numbers: Numbers) -> None:
    runs, judges = numbers.runs("nli", "small", "standard"), Judges()
    both = figures._curves(judges, runs, "snli")[0]
    alone = [figures._curves(judges, [run], "snli")[0] for run in runs]
    for i in (0, len(both.x) // 2, -1):
        values = [line.y[i] for line in alone]
        assert both.y[i] == pytest.approx(sum(values) / 2)
        assert (both.low[i], both.high[i]) == (min(values), max(values))


def test_negative_lambdas_are_drawn_in_their_order(numbers: Numbers) -> None:
    words = figures.by_score_lambda(numbers).panels[0].words
    first = words.split("clean: snli: ")[1].split(";")[0]
    drawn = [float(x) for x in re.findall(r"(-?[\d.]+): ", first)]
    assert drawn == [-2, -1, -0.5, -0.25, 0, 0.1, 0.25, 0.5, 1, 2, 3]


def test_a_lambda_that_did_not_train_is_left_out_of_the_line(numbers: Numbers) -> None:
    words = figures.by_training_lambda(numbers).panels[0].words
    assert [float(x) for x in re.findall(r"(?:: |, )([\d.]+): ", words)] == [0, 1, 2]


def test_a_line_with_a_number_that_has_no_interval_has_no_band(tmp_path: Path) -> None:
    invent(tmp_path, ["nli"], ["small"], ["standard"], seeds=(0,), rows=10)
    bare = Numbers(read_runs(tmp_path), no_interval, "quick")
    line = figures._line(bare, "a", [(1, ("nli", "small", "standard", "snli", "accuracy"))])
    assert (len(line.x), line.low) == (1, ())


def test_no_runs_draw_no_curves(numbers: Numbers) -> None:
    empty = Numbers([], no_interval, "quick")
    assert figures.risk_coverage(empty, Judges()).panels == ()
    assert figures._curves(Judges(), numbers.runs("nli", "small", "standard"), "other") == []


# --- the pipeline


def test_a_box_says_what_the_function_says_of_itself() -> None:
    found = pipeline.stage("sua_gpu:entropy_from_logits")
    assert found.name == sua_gpu.entropy_from_logits.__name__
    assert found.module == sua_gpu.entropy_from_logits.__module__
    assert sua_gpu.entropy_from_logits.__doc__ is not None
    assert sua_gpu.entropy_from_logits.__doc__.startswith(found.says.split(" softmax")[0])
    assert "see :func:" not in found.says


def test_the_drawing_fails_when_a_stage_is_gone_or_unused() -> None:
    with pytest.raises(AttributeError):
        pipeline.stage("sua_gpu:no_such_stage")
    with pytest.raises(ModuleNotFoundError):
        pipeline.stage("paper_repro.no_such_module:stage")
    with pytest.raises(ValueError, match="does not use it"):
        pipeline.part("paper_repro.objective:Objective", "sua_ref:failure_auroc")


def test_every_stage_is_drawn_by_name() -> None:
    figure = pipeline.pipeline()
    for (_, stages), panel in zip(pipeline.LANES, figure.panels, strict=True):
        drawn = "".join(root(panel.svg).itertext())
        for main, made_of in stages:
            for place in (main, *made_of):
                name = place.partition(":")[2]
                assert name in drawn
                assert name in panel.words
