"""A finite world of tensors: the contract of :class:`sua_ref.FiniteWorld`, on any device."""

from __future__ import annotations

import operator
from dataclasses import dataclass

import torch
from torch import Tensor

from sua_gpu import checks

Arguments = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]


@dataclass(frozen=True, init=False, eq=False)
class FiniteWorld:
    """X inputs, Z interpretations, Y labels, a model and a perturbation
    (see :class:`sua_ref.FiniteWorld`).

    All tensors share one floating dtype, half precision widened to single, and one device; integer
    tensors join the others. Rows are held to the tolerance of their own dtype.
    """

    p_x: Tensor
    p_z: Tensor
    p_y_given_z: Tensor
    p_true: Tensor
    model: Tensor
    kernel: Tensor
    neighbours: Tensor
    loss: Tensor | None

    def __init__(
        self,
        p_x: Tensor,
        p_z: Tensor,
        p_y_given_z: Tensor,
        model: Tensor,
        kernel: Tensor,
        neighbours: Tensor,
        loss: Tensor | None = None,
    ) -> None:
        given = {
            "p_x": p_x,
            "p_z": p_z,
            "p_y_given_z": p_y_given_z,
            "model": model,
            "kernel": kernel,
        }
        matrix = {} if loss is None else {"loss": loss}
        held = _one_dtype(given | matrix)
        rows = {name: checks.distribution(held[name], name, validate=True) for name in given}
        _check_shapes(rows)
        _check_neighbours(neighbours, rows["kernel"])
        p_true = torch.einsum("xz,xzy->xy", rows["p_z"], rows["p_y_given_z"])
        checks.distribution(p_true, "p_true", validate=True)
        square = None
        if loss is not None:
            square = checks.loss_matrix(held["loss"], p_true, square=True, validate=True)
        for name, t in {**rows, "p_true": p_true, "neighbours": neighbours, "loss": square}.items():
            object.__setattr__(self, name, None if t is None else t.clone())

    def __len__(self) -> int:
        return len(self.p_x)

    def arguments(self, x: int) -> Arguments:
        """``(p, perturbed, p_true, weights, p_true_perturbed)`` at the input ``x``
        (see :meth:`sua_ref.FiniteWorld.arguments`)."""
        at = operator.index(x)
        if not 0 <= at < len(self):
            raise ValueError(f"x: {x} is not in 0..{len(self) - 1}")
        ball = self.neighbours[at].nonzero()[:, 0]
        laws = self.p_true.index_select(0, ball)
        perturbed, weights = self.model.index_select(0, ball), self.kernel[at].index_select(0, ball)
        return self.model[at], perturbed, self.p_true[at], weights, laws

    def is_stationary(self) -> bool:
        """Whether the perturbed input has the law of the input, up to the rounding of a row
        (see :meth:`sua_ref.FiniteWorld.is_stationary`)."""
        moved = self.p_x @ self.kernel - self.p_x
        return bool(moved.abs().max() <= checks.sum_tolerance(len(self), self.p_x.dtype))

    def is_label_invariant(self, delta: float = 0) -> bool:
        """Whether no label law moves by more than ``delta`` in total variation
        (see :meth:`sua_ref.FiniteWorld.is_label_invariant`)."""
        allowed = checks.coefficient(delta, "delta")
        reached = (self.p_x > 0).unsqueeze(1) & (self.kernel > 0)
        tv = (self.p_true.unsqueeze(1) - self.p_true).abs().sum(-1) / 2
        return bool((~reached | (tv <= allowed)).all())

    def expectation(self, values: Tensor) -> Tensor:
        """``sum_x p_x(x) values(x)``, an input of probability 0 left out
        (see :meth:`sua_ref.FiniteWorld.expectation`)."""
        if not isinstance(values, Tensor):
            raise TypeError(f"values: a torch tensor wanted, got {type(values).__name__}")
        if values.shape[-1:] != self.p_x.shape:
            raise ValueError(f"values: shape {tuple(values.shape)}; wanted (..., {len(self)})")
        a = values.to(self.p_x.dtype)
        if bool(a.isnan().any()):
            raise ValueError(f"values: entry {tuple(a.isnan().nonzero()[0].tolist())} is nan")
        return (self.p_x * a.masked_fill(self.p_x == 0, 0.0)).sum(-1)


def _is_whole(t: Tensor) -> bool:
    return not (t.is_floating_point() or t.is_complex())


def _one_dtype(given: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors in the one floating dtype among them, integers joining it."""
    for name, t in given.items():
        if not isinstance(t, Tensor):
            raise TypeError(f"{name}: a torch tensor wanted, got {type(t).__name__}")
    dtypes = {name: t.dtype for name, t in given.items() if not _is_whole(t)}
    if len(set(dtypes.values())) > 1:
        said = ", ".join(f"{name} is {dtype}" for name, dtype in dtypes.items())
        raise TypeError(f"one dtype per world: {said}")
    dtype = next(iter(dtypes.values()), torch.float64)
    return {name: t.to(dtype) for name, t in given.items()}


def _check_shapes(rows: dict[str, Tensor]) -> None:
    if rows["p_x"].ndim != 1:
        raise ValueError(f"p_x: shape {tuple(rows['p_x'].shape)}; a vector of probabilities wanted")
    n, z, y = len(rows["p_x"]), rows["p_z"].shape[-1], rows["model"].shape[-1]
    wanted = {"p_z": (n, z), "p_y_given_z": (n, z, y), "model": (n, y), "kernel": (n, n)}
    for name, shape in wanted.items():
        if tuple(rows[name].shape) != shape:
            raise ValueError(
                f"{name}: shape {tuple(rows[name].shape)}; wanted {shape} beside {n} inputs, "
                f"{z} interpretations (p_z) and {y} labels (model)"
            )


def _check_neighbours(neighbours: Tensor, kernel: Tensor) -> None:
    if not isinstance(neighbours, Tensor) or neighbours.dtype != torch.bool:
        got = neighbours.dtype if isinstance(neighbours, Tensor) else type(neighbours).__name__
        raise TypeError(f"neighbours: booleans wanted, got {got}")
    if neighbours.shape != kernel.shape:
        raise ValueError(
            f"neighbours: shape {tuple(neighbours.shape)}; wanted {tuple(kernel.shape)}"
        )
    for x, here in enumerate(neighbours.diagonal().tolist()):
        if not here:
            raise ValueError(f"neighbours: row {x} is False at column {x}; x lies in its own ball")
    for row, column in (~neighbours & (kernel != 0)).nonzero().tolist():
        raise ValueError(
            f"kernel: row {row} has {float(kernel[row, column])} at column {column}, outside its "
            f"ball (neighbours[{row}, {column}] is False)"
        )
