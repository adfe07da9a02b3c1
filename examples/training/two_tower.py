# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Train ``recommendation/two_tower``: one network makes vectors of items, another one a vector of a history."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

from typing import Any

import keras
import numpy as np
import onnx
from common import Array, Json, ModelFolder, card, metric, output_folder, provenance
from graph import Graph
from keras import ops
from market import CATEGORIES, Market, hide, open_market, quality, visits

SEED = 20261122
CUSTOMERS, HELDOUT, HIDDEN = 3000, 300, 5
DIMENSIONS, HIDDEN_UNITS = 32, 64
EPOCHS, BATCH, TOP = 60, 128, 10
#: Bounds the attention to one item, so that its exponential is finite whatever the vectors are.
MOST_ATTENTION = 8.0


CARD = """
# two_tower

Recommends items of a market from what a customer did. An item tower made a vector of {dimensions} numbers for each
item, the sum of one of its own and one each for its category, style, brand and price level. The user tower, which is
the graph here, makes a vector of the same length of the items in a history: their mean, weighted by an attention to
each and by the root of its weight, and a dense network of {units} units on top. Both were trained together in Keras to
predict, from a random part of what a customer met, the rest. An item's score is the product of both vectors.

- `items.npz`: the catalogue with its vectors; it may change while the model serves. `popularity` is how many of the
  {customers} customers met an item.
- `attribute_vectors.npz`: the item tower's vectors of each attribute's values. Their sum is the vector of an item that
  nobody has met yet.

**Intended use.** {intended}

**Data.** A simulated market, from a fixed seed, by the rules in `examples/training/market.py`: {items} invented items
in {categories} categories, and {customers} customers with tastes over categories, styles, price levels and brands, each
of whom met 15 to 40 items and looked at them (weight 1), put them in the basket (3) or bought them (5). No real person
or product is described. Licence: Apache-2.0.

**Quality.** {count} further customers, of whom {hidden} items each are hidden, drawn at random from what they met. Of
the {top} best items outside of their history, recall@{top} {recall:.3f} and NDCG@{top} {ndcg:.3f}; by popularity alone
{popular_recall:.3f} and {popular_ndcg:.3f}. Measured with ONNX Runtime on the files here; the customers are in
`heldout.json`.

**Limits.** {limits}

**Licence of the weights.** Apache-2.0. Made by `examples/training/two_tower.py`.
"""
INTENDED = "To show retrieval with a user tower and an index of items, and as the start of one on your own data."
LIMITS = (
    "Simulated customers follow the rules by which they were made, so real ones will be harder to guess. Scores order "
    "items and are no probabilities. An item's vector says nothing about the time or the order of what was met."
)


class TwoTower(keras.Model):  # type: ignore[misc]
    """From histories [batch, items], 0 where an item was not met, to scores [batch, items] of what was not met."""

    def __init__(self, market: Market) -> None:
        super().__init__()
        self.codes = market.codes()
        layers, count = keras.layers, len(market.ids)
        self.own = layers.Embedding(count, DIMENSIONS, embeddings_regularizer=keras.regularizers.L2(3e-6))
        self.shared = {name: layers.Embedding(int(codes.max()) + 1, DIMENSIONS) for name, codes in self.codes.items()}
        self.attention = layers.Dense(1)
        self.first = layers.Dense(HIDDEN_UNITS, activation="relu")
        self.second = layers.Dense(DIMENSIONS)
        self.drop = layers.Dropout(0.2)
        self.numbers = np.arange(count)

    def items(self) -> Any:
        """The item tower: vectors [items, dimensions], an own part and one for each attribute."""
        parts = [self.shared[name](codes) for name, codes in self.codes.items()]
        return ops.add(self.own(self.numbers), sum(parts[1:], parts[0]))

    def call(self, histories: Any, training: bool = False) -> Any:
        """The user tower on the vectors of each history, and its products with all items."""
        vectors = self.items()
        attention = ops.clip(self.attention(vectors)[:, 0], -MOST_ATTENTION, MOST_ATTENTION)
        shares = ops.sqrt(histories) * ops.exp(attention)[None]
        pooled = ops.matmul(shares, vectors) / ops.maximum(ops.sum(shares, axis=1, keepdims=True), 1e-12)
        user = pooled + self.second(self.drop(self.first(pooled), training=training))
        return ops.matmul(user, ops.transpose(vectors)) - 1e9 * ops.cast(histories > 0, "float32")


def train(market: Market, matrix: Array, random: np.random.Generator) -> TwoTower:
    """Trains on ``matrix`` [customers, items]: from a random part of what a customer met, predict the rest."""
    model = TwoTower(market)
    steps = EPOCHS * (len(matrix) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(5e-3, steps)
    model.compile(keras.optimizers.Adam(rate), keras.losses.CategoricalCrossentropy(from_logits=True))
    for epoch in range(EPOCHS):
        kept = random.random(matrix.shape) < random.uniform(0.3, 0.95, (len(matrix), 1))
        histories, rest = matrix * kept, (matrix > 0) & ~kept
        rows = random.permutation(np.flatnonzero(rest.any(axis=1)))
        rows = rows[: len(rows) // BATCH * BATCH]  # batches of one size: another one would be compiled anew
        targets = rest[rows] / rest[rows].sum(axis=1, keepdims=True)
        fitted = model.fit(histories[rows], targets.astype(np.float32), batch_size=BATCH, shuffle=False, verbose=0)
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1}: loss {fitted.history['loss'][0]:.4f}")
    return model


def export(model: TwoTower) -> onnx.ModelProto:
    """The user tower as ONNX."""
    graph = Graph("two_tower")
    history = graph.input("history", ["batch", "interactions", DIMENSIONS])
    weights = graph.input("weights", ["batch", "interactions"])
    kernel, bias = (np.asarray(value, np.float32) for value in model.attention.get_weights())
    last = graph.integers(2)
    attention = graph.apply("Add", graph.apply("MatMul", history, graph.constant(kernel)), graph.constant(bias))
    least, most = (graph.constant(np.float32(bound)) for bound in (-MOST_ATTENTION, MOST_ATTENTION))
    attention = graph.apply("Exp", graph.apply("Clip", attention, least, most))
    shares = graph.apply("Mul", graph.apply("Unsqueeze", graph.apply("Sqrt", weights), last), attention)
    axis = graph.integers(1)
    total = graph.apply("ReduceSum", graph.apply("Mul", shares, history), axis, keepdims=0)
    share = graph.apply("Squeeze", graph.apply("ReduceSum", shares, axis, keepdims=0), axis)
    share = graph.apply("Unsqueeze", graph.apply("Max", share, graph.floats(1e-12)), axis)
    pooled = graph.apply("Div", total, share)
    tensor = pooled
    for layer, activation in ((model.first, "Relu"), (model.second, "Identity")):
        kernel, bias = (graph.constant(np.asarray(value, np.float32)) for value in layer.get_weights())
        tensor = graph.apply(activation, graph.apply("Add", graph.apply("MatMul", tensor, kernel), bias))
    graph.output(graph.apply("Add", pooled, tensor), "user_vector", ["batch", DIMENSIONS])
    return graph.build()


def write_items(folder: ModelFolder, market: Market, model: TwoTower, popularity: Array) -> Array:
    """Writes the catalogue and the vectors of attributes; returns the vectors of the items [items, dimensions]."""
    vectors = np.asarray(model.items(), np.float32)
    columns = {name: np.array(cells) for name, cells in market.attributes.items()}
    folder.write_arrays(
        "items.npz",
        {"ids": np.array(market.ids), "names": np.array(market.names), "vectors": vectors}
        | columns
        | {"popularity": popularity.astype(np.int64)},
    )
    of_values: dict[str, Array] = {}
    for name, codes in market.codes().items():
        table = np.asarray(model.shared[name].embeddings, np.float32)
        for cell, code in sorted(set(zip(market.attributes[name], codes.tolist(), strict=True))):
            of_values[f"{name}/{cell}"] = table[code]
    folder.write_arrays("attribute_vectors.npz", of_values)
    return vectors


def user_vectors(folder: ModelFolder, vectors: Array, histories: Array) -> Array:
    """The saved graph's vectors [customers, dimensions] of histories [customers, items]."""
    every = np.broadcast_to(vectors, (len(histories), *vectors.shape))
    (users,) = folder.run(["user_vector"], {"history": np.ascontiguousarray(every), "weights": histories})
    return users


def write_goldens(folder: ModelFolder, market: Market, vectors: Array, history: Array, target: int) -> list[Json]:
    """Golden samples that hold whatever is added to the catalogue: a user's vector, and the order of given items."""
    met = np.flatnonzero(history)
    (user,) = user_vectors(folder, vectors, history[None])
    inputs = {"history": vectors[met][None], "weights": history[met][None]}
    tensors = {name: tensor(array) for name, array in inputs.items()}
    folder.write_json("golden/user_vector.json", {"inputs": tensors, "outputs": {"user_vector": tensor(user[None])}})
    candidates = [target, *range(7, len(vectors), len(vectors) // 5)]
    scores = vectors[candidates] @ user
    order = np.argsort(-scores)
    if np.min(-np.diff(scores[order])) < 1e-3:
        raise SystemExit("the golden sample has ties; choose another")
    request = {
        "history": [{"itemId": market.ids[i], "weight": float(history[i])} for i in met],
        "candidateItemIds": [market.ids[i] for i in candidates],
    }
    ranked = [
        {"itemId": market.ids[candidates[i]], "name": market.names[candidates[i]], "score": float(scores[i])}
        for i in order
    ]
    return [
        {"file": "golden/user_vector.json", "tolerance": 1e-3},
        folder.write_golden("rank", "Rank", request, {"items": ranked}),
    ]


def tensor(array: Array) -> Json:
    """An array as tensors of golden samples have it."""
    return {"datatype": "FP32", "shape": list(array.shape), "data": np.asarray(array, float).ravel().tolist()}


def config(golden: list[Json], metrics: list[Json]) -> Json:
    """The contents of model.yaml."""
    return {
        "name": "two_tower",
        "description": "Recommends items of a market: a user's vector against an index of items.",
        "methods": ["Recommend", "SimilarItems", "Rank"],
        "recommendation": {
            "index": {"history": "history", "weights": "weights", "user_vector": "user_vector"},
            "items_file": "items.npz",
            "popularity": "popularity",
        },
        "batching": {"sequences": {"inputs": {"history": 0, "weights": 0}}},
        "card": card(INTENDED, LIMITS),
        "provenance": provenance(
            "two_tower.py", "Generated: a simulated market, fixed seed", "Apache-2.0", "2026-11-29"
        ),
        "metrics": metrics,
        "golden": golden,
    }


def main() -> None:
    """Open the market, train, export, measure and write the model folder."""
    folder = ModelFolder(output_folder(__doc__ or "", "recommendation/two_tower"), "two_tower.py")
    keras.utils.set_random_seed(SEED)
    random = np.random.default_rng(SEED)
    market = open_market(random)
    every = visits(market, CUSTOMERS + HELDOUT, random)
    known, others = every[:CUSTOMERS], every[CUSTOMERS:]
    histories, targets = hide(others, HIDDEN, random)
    model = train(market, known, random)

    folder.write_graph(export(model))
    popularity = (known > 0).sum(axis=0)
    vectors = write_items(folder, market, model, popularity)
    rows = [
        {
            "history": {market.ids[i]: float(history[i]) for i in np.flatnonzero(history)},
            "targets": [market.ids[i] for i in hidden],
        }
        for history, hidden in zip(histories, targets, strict=True)
    ]
    folder.write_json("heldout.json", rows)
    scores = user_vectors(folder, vectors, histories) @ vectors.T
    recall, ndcg = quality(scores, histories, targets, TOP)
    popular = np.tile(popularity, (len(histories), 1))
    popular_recall, popular_ndcg = quality(popular, histories, targets, TOP)
    figures = {
        f"recall_at_{TOP}": recall,
        f"ndcg_at_{TOP}": ndcg,
        f"recall_at_{TOP}_of_popularity": popular_recall,
        f"ndcg_at_{TOP}_of_popularity": popular_ndcg,
    }
    metrics = [metric(name, value, len(rows)) for name, value in figures.items()]
    golden = write_goldens(folder, market, vectors, histories[0], int(targets[0, 0]))
    folder.write_config(config(golden, metrics))
    folder.write_card(
        CARD.format(
            dimensions=DIMENSIONS,
            units=HIDDEN_UNITS,
            customers=CUSTOMERS,
            items=len(market.ids),
            categories=len(CATEGORIES),
            count=len(rows),
            hidden=HIDDEN,
            top=TOP,
            recall=recall,
            ndcg=ndcg,
            popular_recall=popular_recall,
            popular_ndcg=popular_ndcg,
            intended=INTENDED,
            limits=LIMITS,
        )
    )


if __name__ == "__main__":
    main()
