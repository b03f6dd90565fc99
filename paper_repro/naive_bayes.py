"""Naive Bayes: the rival a trained encoder must reach before anything is concluded from it.

Topics: counts of words and word pairs. Pairs of texts: the words of the hypothesis, each marked by
whether the premise holds it too. The smoothing is chosen on the dev rows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline, make_pipeline

from paper_repro.examples import Split, Texts

_WORD = re.compile(r"\w+")
SMOOTHING = (0.1, 0.3, 1.0)


def features(texts: Texts) -> list[str]:
    """The features of one input."""
    words = _WORD.findall(texts[-1].lower())
    if len(texts) == 1:
        return words + [f"{a} {b}" for a, b in pairwise(words)]
    premise = set(_WORD.findall(texts[0].lower()))
    return [f"{w} {'in' if w in premise else 'out'}" for w in words]


class NaiveBayes:
    """Multinomial Naive Bayes on the features above.

    Attributes:
        smoothing: the one of ``SMOOTHING`` that is most accurate on the dev rows, the smallest of
            equals.
    """

    def __init__(self, train: Split, dev: Split) -> None:
        fitted = {alpha: _fit(train, alpha) for alpha in SMOOTHING}
        texts = [e.texts for e in dev.examples]
        self.smoothing = max(
            SMOOTHING, key=lambda alpha: float(fitted[alpha].score(texts, dev.labels))
        )
        self._model = fitted[self.smoothing]

    def predict(self, split: Split) -> npt.NDArray[np.int64]:
        """Predicted labels, in order."""
        predicted = self._model.predict([e.texts for e in split.examples])
        return np.asarray(predicted, dtype=np.int64)

    def log_probabilities(self, inputs: Sequence[Texts]) -> npt.NDArray[np.float64]:
        """Logarithms of the posterior, ``(N, V)``; V are the labels that training rows have."""
        found = self._model.predict_log_proba(list(inputs))
        return np.asarray(found, dtype=np.float64)


def _fit(train: Split, alpha: float) -> Pipeline:
    counts = CountVectorizer(analyzer=features)
    model = make_pipeline(counts, MultinomialNB(alpha=alpha))
    return model.fit([e.texts for e in train.examples], train.labels)
