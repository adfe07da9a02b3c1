# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Wrong inputs fail before anything is sent, with a sentence that says what to do."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from argosy_client import Argosy, calls

from tests.unit.client.fake_fleet import FakeFleet


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda c: c.vision.classify(np.zeros((2, 2))), "dtype float64; they must be uint8"),
        (lambda c: c.vision.classify(np.zeros((2, 2, 2), np.uint8)), "1, 3 or 4 channels"),
        (lambda c: c.vision.classify(np.zeros((0, 2), np.uint8)), "shape"),
        (lambda c: c.vision.classify(np.zeros((1, 2, 2, 3), np.uint8)), "a list of arrays"),
        (lambda c: c.vision.classify(b""), "no bytes"),
        (lambda c: c.vision.classify(5), "an image cannot be made from int; give a path, bytes or a uint8 array"),
        (lambda c: c.vision.classify(b"png", top_k=-1), "top_k is -1"),
        (lambda c: c.vision.classify(b"png", top_k=2**31), "from 0 to 2147483647"),
        (lambda c: c.vision.classify(b"png", top_k=1.5), "top_k is 1.5"),
        (lambda c: c.vision.classify(b"png", model=3), "a model's name"),
        (lambda c: c.speech.classify(np.zeros(4, np.int16)), r"give .* a pair \(samples, rate in Hz\)"),
        (lambda c: c.nlp.classify(b"text"), "not bytes"),
        (lambda c: c.nlp.classify(None), "not NoneType"),
        (lambda c: c.recommendation.recommend([("item", 2.0)]), "as a dict by item id"),
        (lambda c: c.recommendation.recommend({"item": "much"}), "the weight of 'item' is 'much'"),
        (lambda c: c.vision.classify(b"png", model="two words"), "a model's name"),
        (lambda c: c.vision.classify(b"png", model="line\nbreak"), "a model's name"),
        (lambda c: c.speech.classify((np.zeros(4), 16_000)), "int16, or float32"),
        (lambda c: c.speech.classify((np.zeros((1, 1, 1), np.int16), 16_000)), "frames"),
        (lambda c: c.speech.classify(([0, 1], 16_000)), "array, not list"),
        (lambda c: c.speech.classify((np.zeros(4, np.int16),)), "pair"),
        (lambda c: c.nlp.classify([1]), "str, not int"),
        (lambda c: c.recommendation.recommend("item"), r"\['item'\]"),
        (lambda c: c.recommendation.rank(["a"], "item"), "candidates is a list"),
        (lambda c: c.tabular.predict(np.zeros(3)), "rows have shape"),
        (lambda c: c.tabular.predict(np.zeros((1, 2), bool)), "dtype bool"),
        (lambda c: c.tabular.predict(np.zeros((1, 2), np.float16)), "dtype float16"),
        (lambda c: c.tabular.predict([{"age": "old"}]), "not a number"),
        (lambda c: c.tabular.predict([[1, 2]]), "a row is a dict"),
    ],
)
def test_a_wrong_input_is_a_value_error(fleet: FakeFleet, call: Any, message: str) -> None:
    with Argosy(fleet.address) as client, pytest.raises(ValueError, match=message):
        call(client)
    assert not fleet.asked


def test_a_request_above_the_limit_is_told_before_the_call(fleet: FakeFleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "MAX_MESSAGE_BYTES", 1000)
    with Argosy(fleet.address) as client, pytest.raises(ValueError, match="at most 1,000 fit in one call"):
        client.vision.classify(bytes(1000))
    assert not fleet.asked


def test_a_file_that_is_missing_or_empty_is_told_before_the_call(fleet: FakeFleet, tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    with Argosy(fleet.address) as client:
        with pytest.raises(FileNotFoundError):
            client.vision.classify(tmp_path / "none.png")
        with pytest.raises(ValueError, match="is empty"):
            client.vision.classify(tmp_path / "empty.png")
    assert not fleet.asked


def test_an_array_that_is_not_contiguous_or_big_endian_is_sent_right(fleet: FakeFleet) -> None:
    rows = np.arange(6, dtype=">f8").reshape(2, 3).T
    with Argosy(fleet.address) as client:
        client.tabular.predict(rows)

    sent = fleet.last.request.tensor
    assert np.array_equal(np.frombuffer(sent.data, "<f8").reshape(tuple(sent.shape)), rows)
