# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import subprocess
import sys

import numpy as np
import pytest
from argosy_client.evaluation import figures


def test_word_errors_count_substitutions_deletions_and_insertions() -> None:
    heard = ["turn the lights off", "one two", "yes"]
    said = ["Turn the light off.", "one two three", "oh yes"]
    assert figures.word_errors(heard, said) == {"wer": pytest.approx(3 / 9), "exact": 0.0}
    assert figures.word_errors([""], ["stop"])["wer"] == 1.0
    assert figures.word_errors(["Stop!"], ["stop"]) == {"wer": 0.0, "exact": 1.0}


def test_ranking_rewards_wanted_items_that_come_early() -> None:
    first = figures.ranking([["a", "b", "c"]], [["a"]], 10)
    third = figures.ranking([["b", "c", "a"]], [["a"]], 10)
    assert first == {"hit_rate_at_10": 1.0, "recall_at_10": 1.0, "ndcg_at_10": 1.0}
    assert third["ndcg_at_10"] == pytest.approx(0.5)
    assert figures.ranking([["a"], ["b"]], [["a", "z"], []], 10)["recall_at_10"] == 0.5


def test_perfect_scores_are_perfect_and_constant_ones_are_not() -> None:
    truths = np.array([0, 1, 2, 1])
    perfect = figures.classification(np.eye(3)[truths], truths)
    assert perfect == {"accuracy": 1.0, "f1_macro": 1.0, "auc": 1.0}
    constant = figures.classification(np.tile([0.5, 0.3, 0.2], (4, 1)), truths)
    assert constant["accuracy"] == 0.25
    assert constant["auc"] == 0.5


def test_one_class_alone_has_no_area() -> None:
    assert "auc" not in figures.classification(np.array([[0.9, 0.1]]), np.array([0]))


def test_a_threshold_trades_precision_for_recall() -> None:
    scores = np.array([[0.8, 0.2], [0.4, 0.6], [0.1, 0.9], [0.6, 0.4]])
    rows = {row["threshold"]: row for row in figures.thresholds(scores, np.array([0, 1, 1, 1]))}
    assert (rows[0.0]["precision"], rows[0.0]["recall"]) == (0.75, 1.0)
    assert (rows[0.85]["precision"], rows[0.85]["recall"]) == (1.0, pytest.approx(1 / 3))
    three = figures.thresholds(np.array([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]]), np.array([1, 2]))
    assert (three[0]["kept"], three[0]["accuracy"]) == (1.0, 0.5)
    assert (three[12]["kept"], three[12]["accuracy"]) == (0.5, 1.0)


def test_nothing_is_warned_of_where_processes_cannot_share_a_lock() -> None:
    program = (
        "import _multiprocessing\n"
        "def refuse(*_, **__): raise PermissionError(13, 'Permission denied')\n"
        "_multiprocessing.SemLock = refuse\n"
        "import argosy_client.evaluation.figures\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == ""
