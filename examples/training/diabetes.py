# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Train ``tabular/diabetes``: a dense network that predicts the progression of diabetes after one year."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
import onnx
from common import Array, Json, ModelFolder, card, metric, output_folder, provenance
from graph import Graph
from layers import dense
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.model_selection import train_test_split

SEED = 20261122
EPOCHS = 200
BACKGROUND = 64
FEATURES = {
    "age": "Age, in years",
    "sex": "Sex, coded 1 or 2",
    "bmi": "Body mass index, in kg/m2",
    "bp": "Average blood pressure, in mmHg",
    "s1": "Total serum cholesterol, in mg/dl",
    "s2": "Low-density lipoproteins, in mg/dl",
    "s3": "High-density lipoproteins, in mg/dl",
    "s4": "Total cholesterol / HDL",
    "s5": "Logarithm of serum triglycerides",
    "s6": "Blood sugar, in mg/dl",
}

CARD = """
# diabetes

Predicts a measure of the progression of diabetes one year after the baseline (25 to 346) from ten measurements. A dense
network of two hidden layers of 16 units; raw measurements go in, scaling is part of the graph.

**Intended use.** {intended}

**Data.** The diabetes data that come with scikit-learn (442 patients), from B. Efron, T. Hastie, I. Johnstone and
R. Tibshirani, *Least Angle Regression* (2004), published by its authors without a licence of its own and distributed
with scikit-learn (BSD 3-Clause). Three quarters of the rows, drawn at random, were used for training; the rest are in
`heldout.json`.

**Quality.** On the {count} held-out rows, measured with ONNX Runtime on the files here: R2 {r2:.3f} (a linear
regression on the same rows: {linear:.3f}), mean absolute error {mae:.1f} against {baseline:.1f} of always predicting
the training mean ({margin:.0f} % less).

**Explanations** compare with `background.npy`, {background} of the training rows.

**Limits.** {limits}

**Licence of the weights.** Apache-2.0. Made by `examples/training/diabetes.py`.
"""
INTENDED = "To show a regression on named features, and as a part of tests. Not for medical use of any kind."
LIMITS = (
    "A demonstration, not a medical device. The data are few and old, and more than half of the variance stays "
    "unexplained. The coding of `sex` is the original's, which does not say which is which."
)


def network(inputs: int) -> keras.Model:
    """The untrained network, from scaled features to the scaled target."""
    layers = keras.layers
    decay = keras.regularizers.L2(0.02)
    model = keras.Sequential(
        [
            layers.Input((inputs,)),
            layers.Dense(16, activation="relu", kernel_regularizer=decay),
            layers.Dense(16, activation="relu", kernel_regularizer=decay),
            layers.Dense(1, kernel_regularizer=decay),
        ]
    )
    model.compile(keras.optimizers.Adam(2e-3), "mse")
    return model


def export(model: keras.Model, features: Array, targets: Array) -> onnx.ModelProto:
    """The trained network as ONNX, between the scaling of its training data."""
    graph = Graph("diabetes")
    tensor = graph.input("features", ["batch", features.shape[1]])
    tensor = graph.apply("Sub", tensor, graph.constant(features.mean(axis=0).astype(np.float32)))
    tensor = graph.apply("Div", tensor, graph.constant(features.std(axis=0).astype(np.float32)))
    *hidden, last = model.layers
    for layer in hidden:
        tensor = graph.apply("Relu", dense(graph, tensor, layer))
    tensor = dense(graph, tensor, last)
    tensor = graph.apply("Mul", tensor, graph.floats(targets.std()))
    tensor = graph.apply("Add", tensor, graph.floats(targets.mean()))
    graph.output(tensor, "progression", ["batch", 1])
    return graph.build()


def named(row: Array) -> dict[str, float]:
    """One row's features by name."""
    return dict(zip(FEATURES, (float(value) for value in row), strict=True))


def write_golden(folder: ModelFolder, rows: Array, predicted: Array) -> list[Json]:
    """One golden sample: a row by name and another by position."""
    request = {"rows": [{"named": named(rows[0])}, {"values": [float(value) for value in rows[1]]}]}
    response = {"predictions": [{"values": [float(value)]} for value in predicted[:2]]}
    return [folder.write_golden("predict", "Predict", request, response, tolerance=0.01)]


def config(golden: list[Json], metrics: list[Json]) -> Json:
    """The contents of model.yaml."""
    return {
        "name": "diabetes",
        "description": "Predicts the progression of diabetes one year after ten measurements.",
        "methods": ["Predict", "Explain"],
        "default_for": ["Predict", "Explain"],
        "tabular": {
            "input": "features",
            "output": "progression",
            "task": "regression",
            "features": [{"name": name, "description": text} for name, text in FEATURES.items()],
            "targets": ["progression"],
            "background": "background.npy",
        },
        "card": card(INTENDED, LIMITS),
        "provenance": provenance(
            "diabetes.py",
            "Diabetes data of Efron, Hastie, Johnstone and Tibshirani (2004), as in scikit-learn",
            "Weights Apache-2.0; data published without a licence, distributed with scikit-learn (BSD-3-Clause)",
            "2026-11-22",
        ),
        "metrics": metrics,
        "golden": golden,
    }


def main() -> None:
    """Train, export, measure and write the model folder."""
    folder = ModelFolder(output_folder(__doc__ or "", "tabular/diabetes"), "diabetes.py")
    keras.utils.set_random_seed(SEED)
    data = load_diabetes(scaled=False)
    if list(data.feature_names) != list(FEATURES):
        raise SystemExit(f"unexpected features: {data.feature_names}")
    train_rows, test_rows, train_targets, test_targets = train_test_split(
        data.data, data.target, test_size=0.25, random_state=SEED
    )

    model = network(len(FEATURES))
    inputs = (train_rows - train_rows.mean(axis=0)) / train_rows.std(axis=0)
    outputs = (train_targets - train_targets.mean()) / train_targets.std()
    model.fit(inputs.astype(np.float32), outputs.astype(np.float32), batch_size=32, epochs=EPOCHS, verbose=0)

    folder.write_graph(export(model, train_rows, train_targets))
    rows = [{"features": named(row), "target": float(y)} for row, y in zip(test_rows, test_targets, strict=True)]
    folder.write_json("heldout.json", rows)
    np.save(folder.path / "background.npy", train_rows[:BACKGROUND].astype(np.float32))
    (predicted,) = folder.run(["progression"], {"features": test_rows.astype(np.float32)})
    count = len(test_targets)
    r2 = r2_score(test_targets, predicted[:, 0])
    mae = mean_absolute_error(test_targets, predicted[:, 0])
    baseline = float(np.abs(test_targets - train_targets.mean()).mean())
    metrics = [metric("r2", r2, count), metric("mae", mae, count), metric("mae_of_mean_predictor", baseline, count)]
    folder.write_config(config(write_golden(folder, test_rows, predicted[:, 0]), metrics))
    margin = 100 * (1 - mae / baseline)
    linear = LinearRegression().fit(train_rows, train_targets).score(test_rows, test_targets)
    folder.write_card(
        CARD.format(
            intended=INTENDED,
            limits=LIMITS,
            count=count,
            r2=r2,
            linear=linear,
            mae=mae,
            baseline=baseline,
            margin=margin,
            background=BACKGROUND,
        )
    )


if __name__ == "__main__":
    main()
