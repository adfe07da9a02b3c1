# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What is guessed for a graph of each domain: the model.yaml that is written passes what a worker checks."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import yaml
from argosy_client.cli.app import app
from onnx import helper
from tokenizers import Tokenizer, models, pre_tokenizers
from typer.testing import CliRunner

from tests.support.awkward import AWKWARD, FLOAT, LONG, integers, save, value, weights
from tests.support.fleet import MODELS


def added(graph: Path, repository: Path, *arguments: object) -> dict[str, Any]:
    """Adds a graph without a fleet, which is checked as a worker would; returns the facts."""
    command = ["add", str(graph), "--repository", str(repository), "--wait", "0", "--json", *map(str, arguments)]
    ended = CliRunner().invoke(app, command)
    assert ended.exit_code == 0, ended.output
    facts: dict[str, Any] = json.loads(ended.stdout)
    return facts | {"config": yaml.safe_load(facts["model_yaml"])}


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    (tmp_path / "exported").mkdir()
    return tmp_path / "exported"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return tmp_path / "repository"


def pooled(path: Path, name: str, vocabulary: int = 30) -> None:
    """Token ids and a mask, to two scores."""
    nodes = [
        helper.make_node("Gather", ["table", name], ["vectors"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["wide"]),
        helper.make_node("Mul", ["vectors", "wide"], ["real"]),
        helper.make_node("ReduceMean", ["real"], ["mean"], axes=[1], keepdims=0),
        helper.make_node("MatMul", ["mean", "w"], ["logits"]),
    ]
    inputs = [value(one, LONG, ["batch", "tokens"]) for one in (name, "attention_mask")]
    constants = [weights("table", vocabulary, 8), integers("last", 2), weights("w", 8, 2)]
    save(path, nodes, inputs, [value("logits", FLOAT, ["batch", 2])], constants, producer="pytorch")


def test_texts_with_the_files_that_hugging_face_writes(exported: Path, repository: Path) -> None:
    (exported / "onnx").mkdir()
    pooled(exported / "onnx/model.onnx", "input_ids")
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "[PAD]": 1, "good": 2, "bad": 3}, "[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(exported / "tokenizer.json"))
    settings = {"id2label": {"0": "sad", "1": "glad"}, "pad_token_id": 1, "max_position_embeddings": 40}
    (exported / "config.json").write_text(json.dumps(settings))
    facts = added(exported, repository, "--name", "mood")
    assert (facts["domain"], facts["methods"]) == ("nlp", ["Classify", "Explain", "Tokenize"])
    section = facts["config"]["nlp"]
    assert section["tokenizer"] == {
        "file": "tokenizer.json",
        "kind": "huggingface",
        "max_length": 40,
        "padding": "longest",
        "pad_id": 1,
    }
    assert section["classify"] == {"output": "logits", "activation": "softmax"}
    assert (repository / "mood/labels.txt").read_text() == "sad\nglad\n"


def test_texts_without_a_tokenizer_are_served_by_tensors_and_told_so(exported: Path, repository: Path) -> None:
    pooled(exported / "model.onnx", "input_ids")
    facts = added(exported, repository, "--name", "mood")
    assert (facts["domain"], facts["methods"]) == ("nlp", [])
    assert "put tokenizer.json beside the graph" in facts["missing"]


#: What the graph of each demo model must be taken for, with the files beside it and without its model.yaml.
DEMO_MODELS = {
    "nlp/entities": ["ClassifyTokens", "Tokenize"],
    "nlp/relevance": ["Rerank", "Tokenize"],
    "nlp/sentences": ["Embed", "Similarity", "Rerank", "Tokenize"],
    "nlp/sentiment": ["Classify", "Explain", "Embed", "Similarity", "Rerank", "Tokenize"],
    "nlp/topics": ["Classify", "Explain", "Tokenize"],
    "recommendation/behaviour": ["Recommend", "Rank", "SimilarItems", "SimilarUsers"],
    "recommendation/two_tower": ["Recommend", "Rank", "SimilarItems"],
    "speech/commands": ["Classify", "Explain"],
    "speech/digits_and_commands": ["Recognize", "StreamingRecognize", "DetectSpeech"],
    "tabular/anomaly": ["Predict", "PredictStream", "Explain"],
    "tabular/diabetes": ["Predict", "PredictStream", "Explain"],
    "tabular/machine_health": ["Predict", "PredictStream", "Explain"],
    "tabular/mlp": ["Predict", "PredictStream", "Explain"],
    "vision/digits": ["Classify", "Explain", "Embed"],
    "vision/inspection": ["Inspect"],
    "vision/scenes": ["Detect", "Segment"],
}


def bare(model: str, folder: Path) -> Path:
    """A demo model as an exporter would leave it: graph and companions, and nothing that Argosy made of them."""
    folder.mkdir()
    shutil.copy(MODELS / model / "1/model.onnx", folder)
    ours = ("model.yaml", "MODEL_CARD.md", "heldout", "handwritten")
    for file in (MODELS / model).iterdir():
        if file.is_file() and not file.name.startswith(ours):
            shutil.copy(file, folder)
    return folder


@pytest.mark.parametrize("model", DEMO_MODELS)
def test_a_demo_model_without_its_model_yaml_gets_the_methods_that_it_has(
    model: str, exported: Path, repository: Path
) -> None:
    folder = bare(model, exported / model.rpartition("/")[2])
    facts = added(folder, repository)
    assert (facts["domain"], facts["methods"]) == (model.partition("/")[0], DEMO_MODELS[model])
    assert len(facts["reasons"]) >= 1
    own = yaml.safe_load((MODELS / model / "model.yaml").read_text("utf-8"))
    if model != "nlp/sentences":  # zero-shot labels are the caller's matter
        assert {*own["methods"]} <= {*facts["methods"], "Compare"}
    section, ours = own[facts["domain"]], facts["config"][facts["domain"]]
    told = {key: section[key] for key in _TOLD & {*section} & {*ours}}
    assert {key: _plain(ours[key], told[key]) for key in told} == told


#: Keys that graph and files tell, so that they must be as in the model's own model.yaml.
_TOLD = {"input", "layout", "color", "task", "sequences", "timesteps", "index", "item_scores", "similar_items"}
_TOLD |= {"user_scores", "users_file", "items_file", "popularity", "input_ids", "mel_bins", "sample_rate_hz"}
_TOLD |= {"clip_seconds", "classify_tokens", "classify", "rerank", "token_type_ids", "width", "height", "background"}


def _plain(ours: Any, theirs: Any) -> Any:
    """Of a section the keys that the other one has too."""
    return {key: ours[key] for key in ours if key in theirs} if isinstance(theirs, dict) else ours


def test_recognition_has_the_models_own_step_states_and_tokens(exported: Path, repository: Path) -> None:
    facts = added(bare("speech/digits_and_commands", exported / "words"), repository)
    own = yaml.safe_load((MODELS / "speech/digits_and_commands/model.yaml").read_text("utf-8"))["speech"]["recognize"]
    ours = facts["config"]["speech"]["recognize"]
    late = {"tail_ms", "delay_ms", "languages"}  # of these no graph tells
    assert {key: ours.get(key) for key in own if key not in late} == {k: v for k, v in own.items() if k not in late}


def test_both_layouts_of_a_detector_are_recognised_with_their_boxes(exported: Path, repository: Path) -> None:
    folder = bare("vision/scenes", exported / "scenes")
    own = yaml.safe_load((MODELS / "vision/scenes/model.yaml").read_text("utf-8"))["vision"]
    (folder / "labels.txt").write_text("\n".join(own["detect"]["class_labels"]))
    facts = added(folder, repository, "--name", "sifted")
    detect = facts["config"]["vision"]["detect"]
    assert detect["sifted"] == {"boxes": "boxes", "labels": "labels", "scores": "scores"}
    assert (detect["box_format"], detect["box_unit"]) == ("corners", "pixels")
    assert detect["class_labels"] == own["detect"]["class_labels"]
    keep_outputs(folder / "model.onnx", "candidates", "surfaces")
    facts = added(folder, repository, "--name", "candidates")
    detect = facts["config"]["vision"]["detect"]
    assert (detect["candidates"], detect["activation"]) == ("candidates", "none")
    assert (detect["box_format"], detect["box_unit"]) == ("center", "pixels")
    assert detect["class_labels"] == own["detect"]["class_labels"]


def keep_outputs(path: Path, *names: str) -> None:
    """Takes other outputs away from a graph."""
    model = onnx.load(path)
    kept = [output for output in model.graph.output if output.name in names]
    del model.graph.output[:]
    model.graph.output.extend(kept)
    onnx.save(model, path)


def test_images_with_a_preprocessor_configuration(exported: Path, repository: Path) -> None:
    AWKWARD["any-size"].make(exported / "model.onnx")
    said = {
        "size": {"shortest_edge": 64},
        "crop_size": {"height": 48, "width": 40},
        "do_center_crop": True,
        "rescale_factor": 0.5,
        "image_mean": [0.1, 0.2, 0.3],
        "image_std": [1, 2, 3],
    }
    (exported / "preprocessor_config.json").write_text(json.dumps(said))
    section = added(exported, repository, "--name", "shapes")["config"]["vision"]
    assert (section["height"], section["width"], section["resize"], section["layout"]) == (
        48,
        40,
        "center_crop",
        "NCHW",
    )
    assert (section["scale"], section["mean"], section["std"]) == (0.5, [0.1, 0.2, 0.3], [1.0, 2.0, 3.0])


def test_sound(exported: Path, repository: Path) -> None:
    nodes = [helper.make_node("MatMul", ["waveform", "w"], ["scores"])]
    inputs, outputs = [value("waveform", FLOAT, ["batch", 8000])], [value("scores", FLOAT, ["batch", 3])]
    save(exported / "model.onnx", nodes, inputs, outputs, [weights("w", 8000, 3)])
    facts = added(exported, repository, "--name", "sounds")
    assert (facts["domain"], facts["methods"]) == ("speech", ["Classify", "Explain"])
    assert facts["config"]["speech"]["clip_seconds"] == 0.5


def test_a_recommender_with_its_catalogue(exported: Path, repository: Path) -> None:
    nodes = [helper.make_node("MatMul", ["history", "w"], ["scores"])]
    inputs, outputs = [value("history", FLOAT, ["batch", 3])], [value("scores", FLOAT, ["batch", 3])]
    save(exported / "model.onnx", nodes, inputs, outputs, [weights("w", 3, 3)])
    (exported / "items.csv").write_text("id,name\na,First\nb,Second\nc,Third\n")
    facts = added(exported, repository, "--name", "shop")
    assert (facts["domain"], facts["methods"]) == ("recommendation", ["Recommend", "Rank"])
    assert "--item a" in facts["calls"]["cli"]


def test_what_the_worker_would_not_serve_is_not_written(exported: Path, repository: Path) -> None:
    AWKWARD["plain"].make(exported / "model.onnx")
    (exported / "features.txt").write_text("a\na\nb\nc\n")
    command = ["add", str(exported), "--repository", str(repository), "--wait", "0", "--name", "twins"]
    ended = CliRunner().invoke(app, command)
    assert ended.exit_code == 2
    assert "two features have the same name" in ended.output
    assert list(repository.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--domain", "weather"], "must be one of"),
        (["--name", "../outside"], "is no name of a model"),
        (["--expected", "out.npz"], "--expected needs --samples"),
        (["--samples", "text.npz"], "is no .npz or .npy file"),
        (["--samples", "pickled.npy"], "is no .npz or .npy file"),
        (["--samples", "wrong.npz"], "it must be [batch, 4]"),
        (["--samples", "two.npz"], "the graph's inputs are x"),
        (["--samples", "empty.npz"], "the same number of items, 1 or more"),
        (["--samples", "missing.npz"], "No such file"),
    ],
)
def test_arguments_that_cannot_be_used_are_said_in_a_line(
    arguments: list[str], says: str, exported: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    AWKWARD["plain"].make(exported / "model.onnx")
    monkeypatch.chdir(exported)
    Path("text.npz").write_text("no arrays")
    np.save("pickled.npy", np.array([{}], object), allow_pickle=True)
    np.savez("wrong.npz", x=np.zeros((2, 2, 4), np.float32))
    np.savez("two.npz", a=np.zeros((2, 4), np.float32), b=np.zeros((2, 4), np.float32))
    np.savez("empty.npz", x=np.zeros((0, 4), np.float32))
    np.savez("out.npz", y=np.zeros((2, 3), np.float32))
    ended = CliRunner().invoke(app, ["add", ".", "--repository", str(repository), "--wait", "0", *arguments])
    assert ended.exit_code in (1, 2)
    assert says in ended.output
    assert "Traceback" not in ended.output
    assert not repository.exists()


def test_a_dry_run_reports_everything_and_writes_nothing(exported: Path, repository: Path) -> None:
    AWKWARD["batch-of-one"].make(exported / "model.onnx")
    command = ["add", str(exported), "--repository", str(repository), "--dry-run", "--json"]
    ended = CliRunner().invoke(app, command)
    assert ended.exit_code == 0, ended.output
    facts = json.loads(ended.stdout)
    assert (facts["outcome"], facts["exporter"], facts["max_batch_size"]) == ("dry run", "pytorch", 1)
    assert set(facts["findings"][0]["advice"]) == {"pytorch"}
    assert yaml.safe_load(facts["model_yaml"])["batching"] == {"max_batch_size": 1}
    assert not repository.exists()
