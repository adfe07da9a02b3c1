# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import math

import numpy as np
import pytest

from examples.training.ranking_metrics import ndcg

GRADES = [0, 3, 1, 0]


def test_the_best_order_is_worth_one_and_a_list_without_anything_relevant_nothing() -> None:
    assert ndcg(np.array([0.1, 0.9, 0.5, 0.0]), GRADES, 10) == pytest.approx(1)
    assert ndcg(np.array([0.1, 0.9, 0.5, 0.0]), [0, 0, 0, 0], 10) == 0


def test_gains_fall_with_the_rank_and_end_with_the_last_that_counts() -> None:
    found = ndcg(np.array([0.9, 0.5, 0.1, 0.0]), GRADES, 10)
    ideal = 7 + 1 / math.log2(3)
    assert found == pytest.approx((7 / math.log2(3) + 1 / math.log2(4)) / ideal)
    assert ndcg(np.array([0.9, 0.5, 0.1, 0.0]), GRADES, 1) == 0


def test_equal_scores_keep_their_order() -> None:
    assert ndcg(np.zeros(4), [3, 0, 0, 0], 10) == pytest.approx(1)
