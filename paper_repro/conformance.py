"""``sua crosscheck --function``: a function of yours on the hard inputs, against balls.

Whatever its algorithm, half of the digits of its precision are asked for: a relative error of at
most sqrt(eps), an exact 0 and an exact infinity where the truth is one, and an exception where the
input is no distribution (or no confidence). What is never guessed is said by the caller: the
quantity, and whether the function takes logits or probabilities.
"""

from __future__ import annotations

import importlib
import math
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from flint import arb, ctx

import sua_ref
from paper_repro import ball_truth, hard_inputs
from paper_repro.bad_input import BadInputError
from paper_repro.ball_truth import INFINITY, Ball

Array = npt.NDArray[Any]
QUANTITIES = ("entropy", "kl", "jsd", "tv", "ece")
FORMS = ("probabilities", "logits")
ARRAYS = ("numpy", "torch")
LABELS = 32
"""V of the hard inputs; some are also given at V = 2."""
_AT_TWO = ("generic", "nearly equal, d = 1e-5", "own -inf")


@dataclass(frozen=True)
class Outcome:
    """One hard input: what was given back, what is right, and the verdict."""

    function: str
    dtype: str
    v: int
    input: str
    given: str
    right: str
    error: float
    bound: float
    fault: str

    def document(self) -> dict[str, Any]:
        """The row for machines, in the form of a crosscheck."""
        return {
            "function": self.function,
            "dtype": self.dtype,
            "device": "cpu",
            "v": self.v,
            "cases": 1,
            "worst_error": self.error if math.isfinite(self.error) else None,
            "bound": self.bound,
            "ok": not self.fault,
            "input": self.input,
            "given": self.given,
            "right": self.right,
            "fault": self.fault,
        }


@dataclass(frozen=True)
class Question:
    """A hard input and its answer; None where only an exception is right."""

    name: str
    arguments: tuple[Array, ...]
    answer: Ball | None


def load(path: str) -> Callable[..., Any]:
    """The function named ``package.module:name``, the working directory being importable."""
    module, colon, name = path.partition(":")
    if not (module and colon and name):
        raise BadInputError(f"--function {path!r}: wanted package.module:name")
    sys.path.insert(0, str(Path.cwd()))
    try:
        found: Any = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except Exception as error:  # the module is the user's: it may raise anything
        raise BadInputError(f"--function {path!r}: {type(error).__name__}: {error}") from error
    finally:
        sys.path.remove(str(Path.cwd()))
    if not callable(found):
        raise BadInputError(f"--function {path!r}: {type(found).__name__} is not callable")
    function: Callable[..., Any] = found
    return function


def _exact_sum(x: Array, bits: int) -> Array:
    """The softmax as multiples of ``2^-bits`` whose sum is exactly 1; subnormal tails are kept."""
    p = hard_inputs.softmax(x)
    grid = np.where(p > 2.0**-bits, np.round(p * 2.0**bits) / 2.0**bits, p)
    at = int(p.argmax())
    rest = np.delete(grid, at)
    grid[at] = 1 - rest[rest > 2.0**-bits].sum()
    return grid


def _rows(form: str, dtype: type[np.floating[Any]]) -> Iterator[tuple[str, Array, Array]]:
    """Named pairs of valid rows."""
    info = np.finfo(dtype)
    edge, bits = math.log(float(info.smallest_normal)), int(info.nmant) + 1
    for v, names in ((LABELS, tuple(hard_inputs.CASES)), (2, _AT_TWO)):
        for name in names:
            x, y = hard_inputs.logit_rows(name, v, 0, edge=edge)
            if form == "probabilities":
                x, y = _exact_sum(x, bits), _exact_sum(y, bits)
            yield name, x, y
    if form == "logits":
        yield "disjoint", np.array([0.0, -math.inf]), np.array([-math.inf, 0.0])
        return
    least, step = float(info.smallest_subnormal), 2.0**-bits
    yield "disjoint", np.array([1.0, 0.0]), np.array([0.0, 1.0])
    yield "a subnormal beside 1", np.array([0.0, 1.0]), np.array([least, 1.0])
    yield "1 against a subnormal", np.array([1.0, 0.0]), np.array([1e5 * least, 1.0])
    yield "one ulp apart", np.array([0.5, 0.5]), np.array([0.5 - step, 0.5 + step])


def _row_questions(quantity: str, form: str, dtype: type[np.floating[Any]]) -> Iterator[Question]:
    arity = 1 if quantity == "entropy" else 2
    for name, *rows in _rows(form, dtype):
        x, y = (row.astype(dtype) for row in rows)
        held = x.astype(float).tolist(), y.astype(float).tolist()
        compute = ball_truth.of_logits if form == "logits" else ball_truth.of_probabilities
        truth = compute(*held, 0)
        answer = truth.entropy[0] if arity == 1 else truth.divergence[quantity][0]
        if quantity == "kl" and form == "probabilities" and answer != INFINITY:
            # Rows whose sums differ by as much as that have no one KL: forms of it differ there.
            apart = sum(map(arb, held[0]), arb(0)) - sum(map(arb, held[1]), arb(0))
            if not abs(apart) <= answer * math.sqrt(float(np.finfo(dtype).eps)):
                continue
        yield Question(name, (x, y)[:arity], answer)
    for name, row in _no_distributions(form).items():
        x, y = row.astype(dtype), (np.zeros(2) if form == "logits" else np.full(2, 0.5))
        yield Question(name, (x, y.astype(dtype))[:arity], None)


def _no_distributions(form: str) -> dict[str, Array]:
    if form == "logits":
        return {"a NaN": np.array([math.nan, 0.0]), "all -inf": np.array([-math.inf, -math.inf])}
    return {
        "a NaN": np.array([math.nan, 0.5]),
        "a negative probability": np.array([1.2, -0.2]),
        "a sum of 4": np.array([2.0, 2.0]),
    }


def _confidence_questions(dtype: type[np.floating[Any]]) -> Iterator[Question]:
    """15 bins. No confidence lies on an edge but 0 and 1, where both sides agree."""
    draw = np.random.default_rng(0)
    valid = {
        "generic": (draw.uniform(0, 1, 500), draw.integers(0, 2, 500)),
        "confidence 1 beside 0.95": ([1.0, 0.95], [0, 1]),
        "confidence 0": ([0.0, 0.03125], [0, 1]),
        "certain and right": ([1.0, 0.0], [1, 0]),
        "one answer": ([0.75], [1]),
        "one bin": ([0.5, 0.515625], [1, 0]),
        "all wrong": ([0.9375, 0.5], [0, 0]),
    }
    for name, (confidence, correct) in valid.items():
        c, marks = np.asarray(confidence, dtype=dtype), np.asarray(correct)
        exact = np.frompyfunc(lambda x: Fraction(float(x)), 1, 1)(c)
        value = Fraction(sua_ref.expected_calibration_error(exact, marks))
        yield Question(name, (c, marks), arb(value.numerator) / value.denominator)
    invalid = {
        "confidences 5 and -3": ([5.0, -3.0], [1, 0]),
        "a NaN": ([math.nan, 0.9], [1, 1]),
        "a mark of 2": ([0.9, 0.9], [1, 2]),
        "no rows": ([], []),
    }
    for name, (confidence, correct) in invalid.items():
        marks = np.asarray(correct, dtype=np.int64)
        yield Question(name, (np.asarray(confidence, dtype=dtype), marks), None)


def questions(quantity: str, form: str, dtype: type[np.floating[Any]]) -> Iterator[Question]:
    """The hard inputs for one quantity, with their answers."""
    with ctx.workprec(256):
        if quantity == "ece":
            yield from _confidence_questions(dtype)
        else:
            yield from _row_questions(quantity, form, dtype)


def run(
    title: str, function: Callable[..., Any], quantity: str, form: str, arrays: str
) -> list[Outcome]:
    """``function`` on every hard input: float64 arrays of NumPy, or float32 tensors of torch."""
    for option, value, allowed in (
        ("--quantity", quantity, QUANTITIES), ("--from", form, FORMS), ("--arrays", arrays, ARRAYS),
    ):  # fmt: skip
        if value not in allowed:
            raise BadInputError(f"{option}: {value!r} is none of {', '.join(allowed)}")
    dtype = np.float64 if arrays == "numpy" else np.float32
    return [
        _outcome(title, function, question, dtype, arrays)
        for question in questions(quantity, form, dtype)
    ]


def _outcome(
    title: str, function: Callable[..., Any], question: Question,
    dtype: type[np.floating[Any]], arrays: str,
) -> Outcome:  # fmt: skip
    info = np.finfo(dtype)
    bound = math.sqrt(float(info.eps))
    answer = question.answer
    right = "an exception" if answer is None else f"{_float(answer):.9g}"
    given, error, fault = "", math.inf, ""
    try:
        result = _call(function, question.arguments, arrays)
    except Exception as raised:  # noqa: BLE001  # the function is the user's: it may raise anything
        given = f"{type(raised).__name__}: {str(raised).splitlines()[0] if str(raised) else ''}"
        error, fault = (0.0, "") if answer is None else (math.inf, "raised an exception")
    else:
        value = _number(result)
        given = f"{value:.9g}" if value is not None else f"shape {np.shape(result)}"
        error, fault = _judge(value, answer, bound, float(info.smallest_normal))
    v = question.arguments[0].shape[-1]
    return Outcome(
        title, np.dtype(dtype).name, v, question.name, given[:60], right, error, bound, fault
    )


def _float(ball: Ball) -> float:
    return math.inf if ball == INFINITY else float(ball.mid())


def _call(function: Callable[..., Any], arguments: tuple[Array, ...], arrays: str) -> Any:
    own = [a.copy() if arrays == "numpy" else torch.from_numpy(a.copy()) for a in arguments]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        result = function(*own)
    return result.detach().cpu().numpy() if isinstance(result, torch.Tensor) else result


def _number(result: Any) -> float | None:
    """The one number of a result, or None where there is not exactly one."""
    array = np.asarray(result)
    if array.size != 1 or array.dtype.kind not in "biuf":
        return None
    return float(array.reshape(()))


def _judge(
    value: float | None, answer: Ball | None, bound: float, nothing: float
) -> tuple[float, str]:
    """Relative error, and what is wrong with the value, if anything."""
    if answer is None:
        return math.inf, "a value where an exception was right"
    if value is None:
        return math.inf, "not one number"
    if math.isnan(value):
        return math.inf, "NaN"
    true = _float(answer)
    if math.isinf(true) or math.isinf(value):
        return (0.0, "") if value == true else (math.inf, f"{value} where {true:.3g} was right")
    if value < 0:
        return _relative(value, answer), "negative"
    if true == 0:
        return (0.0, "") if value == 0 else (math.inf, "not exactly 0")
    error = _relative(value, answer)
    if error <= bound or float(abs(arb(value) - answer)) <= nothing:
        return error, ""
    return error, f"relative error {error:.1e}"


def _relative(value: float, answer: Ball) -> float:
    off = abs(arb(value) - answer)
    return float(off / answer) if answer != 0 else float("inf") if value else 0.0
