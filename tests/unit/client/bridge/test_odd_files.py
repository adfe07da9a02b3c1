# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Files beside a graph, and outputs, that hold something else than their names say: one line that says what."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from argosy_client.bridge.plan import Asked
from argosy_client.bridge.preparing import Wanted, prepare
from numpy.typing import NDArray
from onnx import helper

from tests.support.awkward import FLOAT, TEXT, Dims, integers, value
from tests.support.guessable import IMAGE, TOKENIZER, VOCABULARY, Graph, Make, from_input, from_texts, heard, plan_of


def npy(array: NDArray[Any]) -> bytes:
    """The contents of a .npy file."""
    content = io.BytesIO()
    np.save(content, array)
    return content.getvalue()


RATED = from_input(["batch", 3], ("item_scores", ["batch", 3]), name="history")
TEXTS = {"tokenizer__json": TOKENIZER}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('id,name\na,"' + "x" * (129 << 10), "is no CSV file in UTF-8"),
        ('id,name\na,"x\nb,y\n', "is a quote left open"),
        ("name,sales\nA,1\n", "the column id is missing; the first line has name, sales"),
        ("", "the column id is missing"),
    ],
    ids=["a long open quote", "a short open quote", "no column id", "nothing"],
)
def test_a_catalogue_that_is_no_table_of_ids_says_what_is_wrong(made: Make, content: str, says: str) -> None:
    with pytest.raises(ValueError, match=rf"items\.csv: .*{says}"):
        made(*RATED, items__csv=content)


def damaged(path: Path) -> None:
    """Writes an archive whose compressed content is none."""
    np.savez_compressed(path, ids=np.arange(10_000).astype(str))
    content = bytearray(path.read_bytes())
    content[200:1200] = bytes(1000)
    path.write_bytes(content)


def no_arrays(path: Path) -> None:
    """Writes an archive of a text."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ids", "a\nb")


@pytest.mark.parametrize(
    ("write", "says"),
    [
        (lambda path: path.write_bytes(npy(np.ones(3))), "it holds an array without a name"),
        (lambda path: np.savez(path, ids=np.array("a")), r"ids has the shape \[\]"),
        (lambda path: np.savez(path, names=np.array(["a"])), "it holds names"),
        (damaged, "is no .npz file with ids, names and vectors"),
        (no_arrays, "it holds no array"),
    ],
    ids=["npy", "ids of no dimension", "no ids", "damaged", "ids that are no array"],
)
def test_an_archive_without_a_row_of_ids_says_what_it_has(
    made: Make, tmp_path: Path, write: Callable[[Path], object], says: str
) -> None:
    made(*RATED)
    write(tmp_path / "items.npz")
    with pytest.raises(ValueError, match=rf"items\.npz: .*{says}"):
        prepare(Wanted(tmp_path))


@pytest.mark.parametrize("said", [[0], "0", True, 1e999], ids=repr)
def test_a_padding_that_is_no_number_is_told(made: Make, said: object) -> None:
    with pytest.raises(ValueError, match=r"config\.json: pad_token_id has .* must be a number"):
        made(*from_texts(4), **TEXTS, config__json={"pad_token_id": said})


def test_a_padding_that_is_said_to_be_none_is_a_guess(made: Make) -> None:
    prepared = made(*from_texts(4), **TEXTS, config__json={"pad_token_id": None})
    assert plan_of(prepared).section["tokenizer"]["pad_id"] == 0
    assert plan_of(prepared).comments["nlp.tokenizer.pad_id"] == "GUESSED"


@pytest.mark.parametrize(
    ("said", "key"),
    [({"rescale_factor": None}, "rescale_factor has null"), ({"image_mean": ["a"]}, 'image_mean has "a"')],
    ids=["scale", "mean"],
)
def test_a_preparation_of_pictures_that_is_no_number_is_told(made: Make, said: dict[str, Any], key: str) -> None:
    with pytest.raises(ValueError, match=rf"preprocessor_config\.json: {key}; that must be a number"):
        made(*from_input(IMAGE, ("probabilities", ["batch", 5])), preprocessor_config__json=said)


def test_one_mean_for_all_channels_is_taken(made: Make) -> None:
    said = {"image_mean": 0.5, "image_std": [0.5]}
    plan = plan_of(made(*from_input(IMAGE, ("probabilities", ["batch", 5])), preprocessor_config__json=said))
    assert (plan.section["mean"], plan.section["std"]) == ([0.5], [0.5])


def test_a_state_of_texts_beside_the_sound_is_told(made: Make) -> None:
    plan = plan_of(made(*heard(state=TEXT), vocab__json=VOCABULARY, asked=Asked("speech")))
    assert plan.methods == ()
    assert "its input 'state' takes texts" in plan.missing


def without_numbers(graph: Graph, name: str, axis: int, dims: Dims) -> Graph:
    """A graph whose output is cut to nothing along an axis."""
    nodes, inputs, _, constants = graph
    nodes = [*nodes, helper.make_node("Slice", [name, "begin", "end", "axis_of_cut"], ["cut"])]
    constants = [*constants, integers("begin", 0), integers("end", 0), integers("axis_of_cut", axis)]
    return nodes, inputs, [value("cut", FLOAT, dims)], constants


def test_an_output_without_a_number_for_the_samples_is_told(made: Make) -> None:
    candidates = without_numbers(from_input(IMAGE, ("output0", ["batch", 9, 100])), "output0", 2, ["batch", 9, "n"])
    plan = plan_of(made(*candidates, labels__txt="a\nb\nc\nd\ne\n"))
    assert "Detect: output 'cut' held no number for the samples" in plan.missing
    steps = without_numbers(heard(), "logits", 1, ["batch", "steps", 5])
    plan = plan_of(made(*steps, vocab__json=VOCABULARY))
    assert "Recognize: output 'cut' held no number for the samples" in plan.missing


def test_a_user_for_each_number_is_what_the_worker_counts(made: Make) -> None:
    graph = from_input(["batch", 3], ("item_scores", ["batch", 3]), ("user_scores", ["batch", 2]), name="history")
    catalogue = "id,name\na,A\nb,B\nc,C\n"
    for fitting in ("u\nv", "u\nv\n", "u\r\nv\r\n\r\n"):
        assert "SimilarUsers" in plan_of(made(*graph, items__csv=catalogue, users__txt=fitting)).methods
    for count, other in ((1, "u\n"), (3, "u\nv\nw\n"), (0, "")):
        plan = plan_of(made(*graph, items__csv=catalogue, users__txt=other))
        assert "SimilarUsers" not in plan.methods
        assert any(f"put users.txt beside the graph (it has {count})" in note for note in plan.notes)
