"""A finite world: inputs, interpretations, labels, a model and a perturbation, all given in full.

Every statement of section 4 is about such a world, and a world with rational entries decides it: a
counterexample is a world in which the hypotheses hold and the inequality does not.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sua_ref import checks
from sua_ref.elements import (
    Array,
    Value,
    at_most,
    elements,
    is_zero,
    kind_of,
    lift,
    like,
    same_kind,
    weighted_mean,
)
from sua_ref.sec2_information import divergence_of
from sua_ref.sec3_formulation import mixture

Arguments = tuple[Array, Array, Array, Array, Array]


@dataclass(frozen=True, init=False, eq=False)
class FiniteWorld:
    """A world of X inputs, Z interpretations and Y labels (sections 3 and 4), checked.

    Attributes:
        p_x: ``(X,)`` the law of the input; an input reached by perturbation alone has 0.
        p_z: ``(X, Z)`` ``P(z|x)``.
        p_y_given_z: ``(X, Z, Y)`` ``P(y|x,z)``.
        p_true: ``(X, Y)`` their mixture ``P(y|x)``, equation (1).
        model: ``(X, Y)`` the output ``P_theta(y|x)``.
        kernel: ``(X, X)`` ``Pi(x'|x)``, the law of the perturbation (Definition 3.1).
        neighbours: ``(X, X)`` booleans, ``neighbours[x, x']`` iff x' lies in the ball of x.
        loss: ``(Y, Y)`` ``[action, label]``; None is 0-1.

    The arrays are copies of what was given, of one number type (whole-number arrays join the
    others), and read-only. ``len(world)`` is X.

    Raises:
        ValueError: a row that is no distribution (argument, row and value are named), a kernel that
            leaves its ball, a ball without its own centre, an unbounded loss, shapes that do not
            fit, or no input at all. Rows in single precision count as the doubles they store, and
            must sum to 1 as such.
        TypeError: number types are mixed, or ``neighbours`` are no booleans.

    >>> still = FiniteWorld([1.0], [[1.0]], [[[0.5, 0.5]]], [[0.25, 0.75]], [[1.0]], [[True]])
    >>> still.p_true
    array([[0.5, 0.5]])
    """

    p_x: Array
    p_z: Array
    p_y_given_z: Array
    p_true: Array
    model: Array
    kernel: Array
    neighbours: npt.NDArray[np.bool_]
    loss: Array | None

    def __init__(
        self,
        p_x: npt.ArrayLike,
        p_z: npt.ArrayLike,
        p_y_given_z: npt.ArrayLike,
        model: npt.ArrayLike,
        kernel: npt.ArrayLike,
        neighbours: npt.ArrayLike,
        loss: npt.ArrayLike | None = None,
    ) -> None:
        given = {
            "p_x": p_x,
            "p_z": p_z,
            "p_y_given_z": p_y_given_z,
            "model": model,
            "kernel": kernel,
        }
        arrays = _one_number_type(given if loss is None else given | {"loss": loss})
        rows = {name: checks.distribution(arrays[name], name) for name in given}
        _check_shapes(rows)
        near = _balls(neighbours, len(rows["p_x"]))
        _check_support(rows["kernel"], near)
        truth = checks.distribution(mixture(rows["p_z"], rows["p_y_given_z"]), "p_true")
        matrix = None if loss is None else checks.loss_matrix(arrays["loss"], truth, square=True)
        for name, a in {**rows, "p_true": truth, "neighbours": near, "loss": matrix}.items():
            object.__setattr__(self, name, None if a is None else _sealed(a))

    def __len__(self) -> int:
        return len(self.p_x)

    def arguments(self, x: int) -> Arguments:
        """What the functions of sections 3 and 4 take at the input ``x``.

        Args:
            x: an index in 0..X-1.

        Returns:
            ``(p, perturbed, p_true, weights, p_true_perturbed)``, of shapes ``(Y,)``, ``(K, Y)``,
            ``(Y,)``, ``(K,)`` and ``(K, Y)``: the K inputs of the ball of x in index order, x
            itself included; a weight may be 0.

        Raises:
            ValueError: ``x`` is no input.

        >>> two = FiniteWorld(
        ...     [1.0, 0.0], [[1.0]] * 2, [[[1.0, 0.0]]] * 2, [[1.0, 0.0], [0.0, 1.0]],
        ...     [[0.75, 0.25], [0.0, 1.0]], [[True, True], [False, True]],
        ... )
        >>> two.arguments(0)[3], two.arguments(1)[1]
        (array([0.75, 0.25]), array([[0., 1.]]))
        """
        at = operator.index(x)
        if not 0 <= at < len(self):
            raise ValueError(f"x: {x} is not in 0..{len(self) - 1}")
        ball = self.neighbours[at]
        return (
            self.model[at],
            self.model[ball],
            self.p_true[at],
            self.kernel[at, ball],
            self.p_true[ball],
        )

    def is_stationary(self) -> bool:
        """Whether ``sum_x p_x(x) Pi(x'|x) = p_x(x')`` for every x': perturbed inputs have the law
        of the inputs.

        Exact on Fractions; in float64 up to the rounding of a row of X probabilities (the entries
        of both factors are rounded, and so is the sum); on balls decided.

        Raises:
            Undecided: balls that overlap without being equal.

        >>> FiniteWorld([1.0], [[1.0]], [[[1.0]]], [[1.0]], [[1.0]], [[True]]).is_stationary()
        True
        """
        after = np.sum(self.p_x[:, None] * self.kernel, axis=0)
        if kind_of(self.p_x) == "float64":
            allowed = checks.sum_tolerance(len(self), self.p_x.dtype)
            return bool(np.all(np.abs(after - self.p_x) <= allowed))
        return bool(np.all(at_most(after, self.p_x) & at_most(self.p_x, after)))

    def is_label_invariant(self, delta: Any = 0) -> bool:
        """Whether ``TV(p_x, p_x') <= delta`` for every x of positive probability and every x' that
        the kernel reaches from it. A ball counts as positive unless it is exactly 0.

        Args:
            delta: tolerance in [0, 1]; 0 asks for equality.

        Raises:
            ValueError: ``delta`` is below 0.
            Undecided: a ball overlaps ``delta``.

        >>> moved = FiniteWorld(
        ...     [1.0, 0.0], [[1.0]] * 2, [[[1.0, 0.0]], [[0.5, 0.5]]], [[1.0, 0.0]] * 2,
        ...     [[0.0, 1.0], [0.0, 1.0]], [[True, True], [False, True]],
        ... )
        >>> moved.is_label_invariant(), moved.is_label_invariant(0.5)
        (False, True)
        """
        checks.number(delta, "delta", low=0)
        reached = ~is_zero(self.kernel) & ~is_zero(self.p_x)[:, None]
        here, there = np.nonzero(reached)
        tv = np.asarray(divergence_of(self.p_true[here], self.p_true[there], "tv"))
        return bool(np.all(at_most(tv, np.asarray(like(delta, tv)))))

    def expectation(self, values: npt.ArrayLike) -> Value:
        """``E values(X) = sum_x p_x(x) values(x)``.

        Args:
            values: ``(..., X)``; infinities are allowed. At an input of probability exactly 0 the
                value does not count.

        Returns:
            ``(...)``.

        Raises:
            ValueError: the last axis is not X, or a NaN.
            TypeError: another number type than the world's.

        >>> sure = FiniteWorld(
        ...     [1.0, 0.0], [[1.0]] * 2, [[[1.0]]] * 2, [[1.0]] * 2,
        ...     [[1.0, 0.0], [0.0, 1.0]], [[True, False], [False, True]],
        ... )
        >>> float(sure.expectation([0.5, float("inf")]))
        0.5
        """
        a = np.asarray(values)
        a = lift(a, self.p_x) if _is_whole(a) else elements(values, "values")
        if a.shape[-1:] != (len(self),):
            raise ValueError(f"values: shape {a.shape}; wanted (..., {len(self)})")
        same_kind(p_x=self.p_x, values=a)
        return weighted_mean(checks.no_nan(a, "values"), self.p_x)


def _is_whole(a: Array) -> bool:
    """Whether every entry is an integer, so that the array may join any number type."""
    if a.dtype != object:
        return a.dtype.kind in "biu"
    return all(isinstance(e, (int, np.integer)) for e in a.flat)


def _one_number_type(given: dict[str, npt.ArrayLike]) -> dict[str, Array]:
    """Each argument as an array, the integers among them joining the others' number type."""
    arrays = {name: np.asarray(x) for name, x in given.items()}
    typed = {name: elements(a, name) for name, a in arrays.items() if not _is_whole(a)}
    same_kind(**typed)
    example = next(iter(typed.values()), np.zeros(0))
    return {name: typed[name] if name in typed else lift(a, example) for name, a in arrays.items()}


def _check_shapes(rows: dict[str, Array]) -> None:
    if rows["p_x"].ndim != 1:
        raise ValueError(f"p_x: shape {rows['p_x'].shape}; a vector of probabilities wanted")
    n, z, y = len(rows["p_x"]), rows["p_z"].shape[-1], rows["model"].shape[-1]
    wanted = {"p_z": (n, z), "p_y_given_z": (n, z, y), "model": (n, y), "kernel": (n, n)}
    for name, shape in wanted.items():
        if rows[name].shape != shape:
            raise ValueError(
                f"{name}: shape {rows[name].shape}; wanted {shape} beside {n} inputs, "
                f"{z} interpretations (p_z) and {y} labels (model)"
            )


def _balls(neighbours: npt.ArrayLike, n: int) -> npt.NDArray[np.bool_]:
    near = np.asarray(neighbours)
    if near.dtype != np.bool_:
        raise TypeError(f"neighbours: booleans wanted, got dtype {near.dtype}")
    if near.shape != (n, n):
        raise ValueError(f"neighbours: shape {near.shape}; wanted {(n, n)}")
    alone = np.flatnonzero(~np.diagonal(near))
    if alone.size:
        x = int(alone[0])
        raise ValueError(f"neighbours: row {x} is False at column {x}; x lies in its own ball")
    return near


def _check_support(kernel: Array, near: npt.NDArray[np.bool_]) -> None:
    """Definition 3.1: the support of the perturbation lies in the ball."""
    outside = ~is_zero(kernel) & ~near
    if outside.any():
        row, column = (int(i) for i in np.argwhere(outside)[0])
        raise ValueError(
            f"kernel: row {row} has {kernel[row, column]} at column {column}, outside its ball "
            f"(neighbours[{row}, {column}] is False)"
        )


def _sealed(a: Array) -> Array:
    copy = a.copy()
    copy.setflags(write=False)
    return copy
