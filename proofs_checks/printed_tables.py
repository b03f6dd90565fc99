"""The paper's own numbers, as printed: strings, because a trailing zero is information.

Source of every number: arXiv 2604.20903v1, at the place that each name states. The text form has
lost the symbols in the row labels of Table 3 and in appendix B.1; what stands there in their place
is our reading, said where it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple


class Row(NamedTuple):
    """Accuracy, robust accuracy, ECE, failure AUROC, selective accuracy at 80 %; "" where none."""

    accuracy: str
    robust: str
    ece: str
    auroc: str
    selective: str


COVERAGE = Fraction(4, 5)
"""Of the column "Sel. Acc (80%)"."""

TABLE_2: Mapping[str, Mapping[str, Row]] = {
    "QA": {
        "Standard": Row("0.742", "0.618", "0.142", "0.621", "0.789"),
        "AT": Row("0.731", "0.698", "0.157", "0.634", "0.801"),
        "Temp. Scale": Row("0.742", "0.618", "0.071", "0.629", "0.793"),
        "Self-Consist.": Row("0.742", "0.618", "", "0.658", "0.815"),
        "SUA-TR": Row("0.748", "0.731", "0.058", "0.741", "0.852"),
    },
    "NLI": {
        "Standard": Row("0.811", "0.693", "0.109", "0.644", "0.841"),
        "AT": Row("0.803", "0.751", "0.128", "0.651", "0.848"),
        "Temp. Scale": Row("0.811", "0.693", "0.056", "0.649", "0.844"),
        "Self-Consist.": Row("0.811", "0.693", "", "0.672", "0.858"),
        "SUA-TR": Row("0.816", "0.779", "0.041", "0.762", "0.879"),
    },
    "Class.": {
        "Standard": Row("0.883", "0.741", "0.088", "0.659", "0.902"),
        "AT": Row("0.871", "0.807", "0.103", "0.668", "0.909"),
        "Temp. Scale": Row("0.883", "0.741", "0.044", "0.661", "0.905"),
        "Self-Consist.": Row("0.883", "0.741", "", "0.694", "0.919"),
        "SUA-TR": Row("0.887", "0.839", "0.031", "0.793", "0.941"),
    },
}
"""Section 6.5, Table 2."""

TABLE_3: Mapping[str, Row] = {
    "SUA-TR (full)": Row("0.748", "0.731", "0.058", "0.741", "0.852"),
    "row 2": Row("0.746", "0.702", "0.079", "0.692", "0.831"),
    "row 3": Row("0.747", "0.681", "0.063", "0.718", "0.840"),
    "row 4": Row("0.742", "0.618", "0.142", "0.621", "0.789"),
    "Adv-only": Row("0.739", "0.724", "0.071", "0.727", "0.843"),
    "Para-only": Row("0.745", "0.706", "0.065", "0.715", "0.836"),
    "row 7": Row("0.747", "0.728", "0.062", "0.735", "0.848"),
    "row 8": Row("0.748", "0.731", "0.058", "0.741", "0.852"),
    "row 9": Row("0.748", "0.732", "0.057", "0.742", "0.853"),
}
"""Section 6.7, Table 3, in its order. Rows 2 to 4 and 7 to 9 have lost the symbols of their labels;
7 to 9 read "perturbations"."""

FIGURE_2_AMBIGUOUS = {"SUA": "0.81", "entropy": "0.64"}
"""Section 6.6: AUROC on the NLI ambiguous subset."""
FIGURE_2_ADVERSARIAL = {"SUA": "0.79", "self-consistency": "0.66"}
"""Section 6.6: AUROC on adversarial inputs."""

APPENDIX_B_1 = ("0.71", "0.84", "0.93", "0.95")
"""Appendix B.1: rank correlation with the large-K score, K rising; the values of K are lost."""

APPENDIX_B_4: Mapping[Fraction, tuple[str, str]] = {
    Fraction(9, 10): ("0.812", "0.791"),
    Fraction(8, 10): ("0.852", "0.821"),
    Fraction(7, 10): ("0.891", "0.843"),
}
"""Appendix B.4, QA: selective accuracy of SUA and of entropy, by coverage."""


def number(text: str) -> Fraction:
    """The printed number, exactly.

    >>> number("0.840")
    Fraction(21, 25)
    """
    return Fraction(text)


def interval(text: str) -> tuple[Fraction, Fraction]:
    """What rounds to the printed number, either way at its ends.

    >>> interval("0.84") == (Fraction(167, 200), Fraction(169, 200))
    True
    """
    half = Fraction(1, 2 * 10 ** len(text.partition(".")[2]))
    return number(text) - half, number(text) + half


def surely_less(a: str, b: str) -> bool:
    """Whether the number behind ``a`` is below the one behind ``b``, however both were rounded."""
    return interval(a)[1] < interval(b)[0]
