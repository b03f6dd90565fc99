"""Naive Bayes: the rival a trained encoder must reach before anything is concluded from it.

Topics: counts of words and word pairs. Pairs of texts: the words of the hypothesis, each marked by
whether the premise holds it too, and how many do.
"""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

from paper_repro.examples import Split, Texts

_WORD = re.compile(r"\w+")


def _features(texts: Texts) -> list[str]:
    if len(texts) == 1:
        words = _WORD.findall(texts[0].lower())
        return words + [f"{a} {b}" for a, b in pairwise(words)]
    premise = set(_WORD.findall(texts[0].lower()))
    hypothesis = _WORD.findall(texts[1].lower())
    shared = sum(word in premise for word in hypothesis)
    tenths = f"overlap {10 * shared // max(1, len(hypothesis))}"
    return [f"{w} {'in' if w in premise else 'out'}" for w in hypothesis] + 3 * [tenths]


class NaiveBayes:
    """Multinomial Naive Bayes on the features above."""

    def __init__(self, train: Split) -> None:
        self._model = make_pipeline(
            CountVectorizer(analyzer=_features, min_df=2), MultinomialNB(alpha=0.3)
        )
        self._model.fit([e.texts for e in train.examples], train.labels)

    def predict(self, split: Split) -> npt.NDArray[np.int64]:
        """Predicted labels, in order."""
        predicted = self._model.predict([e.texts for e in split.examples])
        return np.asarray(predicted, dtype=np.int64)
