# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What all domains share: labels, vectors, tensors, checks of the graph."""

from typing import Any

import numpy as np
import pytest
from argosy.common.v1.tensor_pb2 import DataType, Tensor
from argosy_worker.domains._shared.graph import ANY, check_methods, input_port, output_port
from argosy_worker.domains._shared.labels import label_count, prepare_labels
from argosy_worker.domains._shared.limits import check_count
from argosy_worker.domains._shared.tensors import to_array
from argosy_worker.domains._shared.vectors import prepare_vectors
from argosy_worker.errors import EngineFault, InputRefused, InvalidInput, ModelInvalid
from argosy_worker.repository.sections.base import VectorOutput

from tests.unit.worker.domains.fakes import loaded


def read_labels(scores: Any, activation: Any = "none", labels: tuple[str, ...] = (), top_k: int | None = None) -> Any:
    array = np.asarray(scores, np.float32)
    graph = loaded({}, {"x": (-1, 2)}, {"y": (-1, array.shape[1])}, labels)
    results = prepare_labels(graph, "key", "y", activation).read({"y": array}, len(array), top_k)
    return [[(label.label, label.index, pytest.approx(label.score, abs=1e-6)) for label in row] for row in results]


def test_labels_come_best_first_with_their_names() -> None:
    assert read_labels([[0.1, 0.7, 0.2]], labels=("a", "b", "c"), top_k=2) == [[("b", 1, 0.7), ("c", 2, 0.2)]]


def test_labels_of_equal_score_come_in_class_order() -> None:
    assert [index for _, index, _ in read_labels([[0.2, 0.4, 0.2, 0.4]])[0]] == [1, 3, 0, 2]


def test_without_names_the_index_is_the_label() -> None:
    assert read_labels([[0.0, 1.0]])[0][0][:2] == ("1", 1)


def test_more_labels_than_there_are_means_all() -> None:
    assert len(read_labels([[0.5, 0.5]], top_k=10**9)[0]) == 2


def test_softmax_makes_probabilities_even_of_huge_scores() -> None:
    assert read_labels([[1e30, 1e30]], "softmax") == [[("0", 0, 0.5), ("1", 1, 0.5)]]


def test_sigmoid_of_one_output_is_the_probability_of_the_second_class() -> None:
    assert read_labels([[np.log(3)]], "sigmoid", ("no", "yes")) == [[("yes", 1, 0.75), ("no", 0, 0.25)]]
    assert read_labels([[-1e30]], "sigmoid", ("no", "yes"))[0][0] == ("no", 0, 1.0)


def test_one_probability_without_activation_is_that_of_the_second_class() -> None:
    assert read_labels([[0.25]], labels=("no", "yes")) == [[("no", 0, 0.75), ("yes", 1, 0.25)]]


def test_scores_that_are_not_finite_are_put_down_to_the_values_that_were_sent() -> None:
    with pytest.raises(InputRefused) as error:
        read_labels([[0.1, np.nan]])
    assert error.value.reason == "OUTPUT_NOT_FINITE"
    assert "one of them is beyond what it can take" in error.value.message
    assert "0.1" not in error.value.message


def test_an_output_of_another_shape_is_the_engines_fault() -> None:
    reader = prepare_labels(loaded({}, {}, {"y": (-1, 3)}), "key", "y", "none")
    for outputs in ({"y": np.zeros((2, 3))}, {"y": np.zeros((1, 4))}, {"y": np.zeros(3)}, {}):
        with pytest.raises(EngineFault):
            reader.read(outputs, 1)


@pytest.mark.parametrize(
    ("classes", "labels", "activation", "text"),
    [
        (3, ("a", "b"), "none", "has 2 labels, and the output 'y' has 3 classes"),
        (1, ("a", "b", "c"), "sigmoid", "has 3 labels, and the output 'y' has 2 classes"),
        (1, ("a", "b"), "softmax", "key"),
    ],
)
def test_labels_that_do_not_fit_the_output_are_refused_at_load(
    classes: int, labels: tuple[str, ...], activation: Any, text: str
) -> None:
    with pytest.raises(ModelInvalid, match=text):
        prepare_labels(loaded({}, {}, {"y": (-1, classes)}, labels), "key", "y", activation)


def test_labels_count_where_the_graph_leaves_the_classes_open() -> None:
    reader = prepare_labels(loaded({}, {}, {"y": (-1, -1)}, ("a", "b")), "key", "y", "none")
    with pytest.raises(EngineFault):
        reader.read({"y": np.zeros((1, 3), np.float32)}, 1)


def test_top_k_has_a_default_and_is_never_negative() -> None:
    assert (label_count(0), label_count(2)) == (5, 2)
    with pytest.raises(InvalidInput) as caught:
        label_count(-1)
    assert caught.value.reason == "TOP_K_NEGATIVE"


def test_counts_are_limited() -> None:
    check_count(3, 3, "texts")
    for count, reason in ((0, "NO_ITEMS"), (4, "TOO_MANY_ITEMS")):
        with pytest.raises(InvalidInput) as caught:
            check_count(count, 3, "texts")
        assert caught.value.reason == reason
        assert caught.value.metadata["field"] == "texts"


def read_vectors(array: Any, mask: Any = None, **section: Any) -> Any:
    array = np.asarray(array, np.float32)
    graph = loaded({}, {}, {"y": (-1,) * array.ndim})
    reader = prepare_vectors(graph, "key", VectorOutput(output="y", **section))
    tensor = reader.read({"y": array}, len(array), None if mask is None else np.asarray(mask, np.bool_))
    assert tensor.data_type == DataType.DATA_TYPE_FP32
    return np.frombuffer(tensor.data, "<f4").reshape(tuple(tensor.shape)).tolist()


def test_vectors_are_returned_as_they_are() -> None:
    assert read_vectors([[3, 4], [0, 1]]) == [[3, 4], [0, 1]]


def test_vectors_are_scaled_to_length_1_and_zero_stays_zero() -> None:
    rows = read_vectors([[3, 4], [0, 0]], normalize=True)
    assert rows == [pytest.approx([0.6, 0.8]), [0, 0]]


def test_mean_pooling_counts_real_tokens_only() -> None:
    tokens = [[[1, 2], [3, 4], [9, 9]], [[5, 6], [9, 9], [9, 9]]]
    assert read_vectors(tokens, [[1, 1, 0], [1, 0, 0]], pooling="mean") == [[2, 3], [5, 6]]


def test_first_pooling_takes_the_first_real_token() -> None:
    tokens = [[[9, 9], [3, 4]], [[5, 6], [7, 8]]]
    assert read_vectors(tokens, [[0, 1], [1, 1]], pooling="first") == [[3, 4], [5, 6]]


@pytest.mark.parametrize("pooling", ["mean", "first"])
def test_pooling_of_no_token_at_all_does_not_divide_by_zero(pooling: str) -> None:
    rows = read_vectors([[[1, 2], [3, 4]]], [[0, 0]], pooling=pooling, normalize=True)
    assert np.isfinite(rows).all()


def test_pooling_without_a_mask_counts_every_token() -> None:
    assert read_vectors([[[1, 2], [3, 4]]], pooling="mean") == [[2, 3]]


def tensor(data_type: int, shape: list[int], data: bytes) -> Tensor:
    return Tensor(data_type=data_type, shape=shape, data=data)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (tensor(0, [1], b"1234"), "DATA_TYPE_UNSUPPORTED"),
        (tensor(99, [1], b"1234"), "DATA_TYPE_UNSUPPORTED"),
        (tensor(1, [2], b"1234"), "SHAPE_MISMATCH"),
        (tensor(1, [-1, -1], b"1234"), "SHAPE_MISMATCH"),
        (tensor(1, [2**62, 4, 0, 1], b"1234"), "SHAPE_MISMATCH"),
        (tensor(1, [2**62, 2**62], b"1234"), "SHAPE_MISMATCH"),
        (tensor(1, [1] * 40, b"1234"), "SHAPE_MISMATCH"),
    ],
)
def test_a_tensor_that_does_not_add_up_is_refused(message: Tensor, reason: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        to_array(message, "tensor")
    assert caught.value.reason == reason


def test_a_tensor_is_read_without_a_copy() -> None:
    array = to_array(tensor(DataType.DATA_TYPE_INT32, [2, 1], np.array([1, -2], "<i4").tobytes()), "tensor")
    assert array.tolist() == [[1], [-2]]
    assert not array.flags.owndata


def test_graph_checks_name_the_key_and_what_is_there() -> None:
    graph = loaded({"methods": ["Fly"]}, {"x": (-1, 3), "n": ("INT64", (-1,))}, {"y": (-1, 2), "t": ("BYTES", (-1, 2))})
    assert input_port(graph, "k", "n", ()).dtype == np.int64
    assert output_port(graph, "k", "y", (ANY,)).item_shape == (2,)
    for check, text in (
        (lambda: input_port(graph, "vision.input", "z", (3,)), r"vision.input: .*no input 'z'.*x, n"),
        (lambda: input_port(graph, "k", "x", (4,)), r"\[-1, 3\]; it must be \[batch, 4\]"),
        (lambda: input_port(graph, "k", "x", (3, 1)), r"\[batch, 3, 1\]"),
        (lambda: output_port(graph, "k", "t", (2,)), "is BYTES"),
        (lambda: check_methods(graph, "vision"), "vision has no method 'Fly'; it has Classify, Embed"),
    ):
        with pytest.raises(ModelInvalid, match=text):
            check()
