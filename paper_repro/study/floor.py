"""What a bag of words reaches: below it nothing is concluded from a trained model."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from paper_repro.examples import Split, Texts
from paper_repro.naive_bayes import NaiveBayes
from paper_repro.study.tasks import StudyTask

_WORD = re.compile(r"\w+")


def most_shared(texts: Texts) -> int:
    """The first option that holds the most of the question's words.

    >>> most_shared(("who sat down?", "It rained.", "The king sat down."))
    1
    """
    asked = set(_WORD.findall(texts[0].lower()))
    shared = [len(asked & set(_WORD.findall(option.lower()))) for option in texts[1:]]
    return shared.index(max(shared))


def floor(task: StudyTask, splits: Sequence[Split]) -> list[float]:
    """Accuracy on each split of Naive Bayes on the training rows, or of :func:`most_shared`."""
    if task.labels is None:
        predicted = [[most_shared(e.texts) for e in split.examples] for split in splits]
    else:
        naive = NaiveBayes(task.train, task.dev)
        predicted = [naive.predict(split).tolist() for split in splits]
    return [
        float(np.mean(np.asarray(p) == np.asarray(s.labels)))
        for p, s in zip(predicted, splits, strict=True)
    ]
