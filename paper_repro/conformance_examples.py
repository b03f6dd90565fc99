"""Public functions, each in the form in which ``sua crosscheck --function`` calls one.

A function that takes rows and returns a number needs no adapter and is named here as it is; the
rest differ in reduction, argument order, or in being a class. The verdict on each is computed,
never stored: it is that of the versions installed.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from typing import Any, NamedTuple


class Example(NamedTuple):
    """A function of a library: the quantity it is asked for, its form and its arrays."""

    function: Callable[..., Any]
    library: str
    quantity: str
    form: str
    arrays: str

    @property
    def title(self) -> str:
        """The function as a user would name it."""
        return str(self.function.__doc__).splitlines()[0].rstrip(".")


EXAMPLES: list[Example] = []


def example(
    library: str, quantity: str, form: str = "probabilities", arrays: str = "numpy"
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register an adapter; the first line of its docstring is its title."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        EXAMPLES.append(Example(function, library, quantity, form, arrays))
        return function

    return register


def missing(one: Example) -> bool:
    """Whether the library is not installed."""
    return importlib.util.find_spec(one.library) is None


def _from(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)


@example("scipy", "entropy")
def scipy_entropy(p: Any) -> Any:
    """scipy.stats.entropy(p)"""
    return _from("scipy.stats", "entropy")(p)


@example("scipy", "kl")
def scipy_entropy_of_two(p: Any, q: Any) -> Any:
    """scipy.stats.entropy(p, q)"""
    return _from("scipy.stats", "entropy")(p, q)


@example("scipy", "kl")
def scipy_rel_entr(p: Any, q: Any) -> Any:
    """scipy.special.rel_entr(p, q).sum()"""
    return _from("scipy.special", "rel_entr")(p, q).sum()


@example("scipy", "kl")
def scipy_kl_div(p: Any, q: Any) -> Any:
    """scipy.special.kl_div(p, q).sum()"""
    return _from("scipy.special", "kl_div")(p, q).sum()


@example("scipy", "jsd")
def scipy_jensenshannon(p: Any, q: Any) -> Any:
    """scipy.spatial.distance.jensenshannon(p, q)"""
    return _from("scipy.spatial.distance", "jensenshannon")(p, q)


@example("scipy", "jsd")
def scipy_jensenshannon_squared(p: Any, q: Any) -> Any:
    """scipy.spatial.distance.jensenshannon(p, q) ** 2"""
    return _from("scipy.spatial.distance", "jensenshannon")(p, q) ** 2


@example("torch", "entropy", arrays="torch")
def torch_categorical_entropy(p: Any) -> Any:
    """torch.distributions.Categorical(probs=p).entropy()"""
    return _from("torch.distributions", "Categorical")(probs=p).entropy()


@example("torch", "entropy", "logits", "torch")
def torch_categorical_entropy_from_logits(x: Any) -> Any:
    """torch.distributions.Categorical(logits=x).entropy()"""
    return _from("torch.distributions", "Categorical")(logits=x).entropy()


@example("torch", "kl", "logits", "torch")
def torch_categorical_kl(x: Any, y: Any) -> Any:
    """torch.distributions.kl_divergence(Categorical(logits=x), Categorical(logits=y))"""
    categorical = _from("torch.distributions", "Categorical")
    divergence = _from("torch.distributions", "kl_divergence")
    return divergence(categorical(logits=x), categorical(logits=y))


@example("torch", "kl", "logits", "torch")
def torch_kl_div(x: Any, y: Any) -> Any:
    """torch.nn.functional.kl_div(log_softmax(y), log_softmax(x), reduction="sum", log_target)"""
    functional = importlib.import_module("torch.nn.functional")
    log_p, log_q = functional.log_softmax(x, -1), functional.log_softmax(y, -1)
    return functional.kl_div(log_q, log_p, reduction="sum", log_target=True)


@example("torch", "kl", "logits", "torch")
def torch_kl_div_mean(x: Any, y: Any) -> Any:
    """torch.nn.functional.kl_div(log_softmax(y), softmax(x)), its default reduction"""
    functional = importlib.import_module("torch.nn.functional")
    return functional.kl_div(functional.log_softmax(y, -1), functional.softmax(x, -1))


@example("torchmetrics", "kl", arrays="torch")
def torchmetrics_kl(p: Any, q: Any) -> Any:
    """torchmetrics.functional.kl_divergence(p, q)"""
    return _from("torchmetrics.functional", "kl_divergence")(p[None], q[None])


@example("torchmetrics", "jsd", arrays="torch")
def torchmetrics_jsd(p: Any, q: Any) -> Any:
    """torchmetrics.functional.jensen_shannon_divergence(p, q)"""
    return _from("torchmetrics.functional", "jensen_shannon_divergence")(p[None], q[None])


@example("torchmetrics", "ece", arrays="torch")
def torchmetrics_ece(confidence: Any, correct: Any) -> Any:
    """torchmetrics.functional.classification.binary_calibration_error(confidence, correct)"""
    module = "torchmetrics.functional.classification"
    return _from(module, "binary_calibration_error")(confidence, correct, n_bins=15)


@example("netcal", "ece")
def netcal_ece(confidence: Any, correct: Any) -> Any:
    """netcal.metrics.ECE(15).measure(confidence, correct)"""
    return _from("netcal.metrics", "ECE")(15).measure(confidence, correct)
