# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Train ``tabular/anomaly``: an autoencoder that tells unusual readings of a machine from ordinary ones."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
import onnx
from common import Array, Json, ModelFolder, card, metric, output_folder, provenance, tensor_json
from graph import Graph
from layers import dense
from machines import FAULTS, FEATURES, WINDOW, simulate
from sklearn.metrics import roc_auc_score

SEED = 20261129
TRAINING_MACHINES, CALIBRATION_MACHINES, WINDOWS_EACH = 2000, 200, 6
HELDOUT_MACHINES, HELDOUT_EACH = 40, 10
BACKGROUND = 24
HIDDEN, CODE = 64, 3
EPOCHS = 60
BATCH = 64
#: Share of the calibration machines' ordinary windows that may be called anomalous.
FALSE_ALARMS = 0.01

CARD = """
# anomaly

Tells unusual from ordinary: from ten minutes of a pump's readings, {window} timesteps of {features} sensors, an
autoencoder ({inputs} -> {hidden} -> {code} -> {hidden} -> {inputs}) that has seen ordinary ones alone makes them anew,
and the score is how far it misses. The error of each sensor is weighed by how well it is usually met; the score is the
mean over sensors, about 1 for ordinary readings, and its parts by sensor are returned with it. All of it is in the
graph.

**Intended use.** {intended}

**Data.** Simulated by `examples/training/machines.py`, which documents the physics; no real machine was measured.
Ordinary windows of {machines} machines for training, of {calibration} others for the threshold, and windows with and
without faults of {heldout} further machines held out. The width of the code was chosen among six by the AUC on windows
of 300 other machines, with and without faults; nothing else has seen one. Licence: Apache-2.0.

**Quality.** On the {count} windows of the {heldout} held-out machines in `heldout.npz` (`windows` float32 [N,
timesteps, features], `labels` int64 [N], 0 for ordinary), measured with ONNX Runtime on the files here: AUC {auc:.4f}.
At the threshold of {threshold:.3f}, which {wanted:.0%} of the calibration machines' ordinary windows exceed,
{false_alarms:.4f} of {ordinary} ordinary windows are called anomalous, and {detected:.4f} of {faulty} faulty ones. By
fault: {by_fault}. As a baseline, the largest deviation of a window's means from those of the training data has an AUC
of {baseline:.4f}.

**Missing readings** are refused: what is not there cannot be judged.

The simulation and the training were changed after a look at results on these machines: read the figures as slightly
optimistic.

**Limits.** {limits}

**Licence of the weights.** Apache-2.0. Made by `examples/training/anomaly.py`.
"""
INTENDED = "To show the detection of anomalies in windows of sensor readings. Not to watch a real machine."
LIMITS = (
    "A simulation is simpler than any machine, and this threshold is of no use for a real one. What is "
    "unusual need not be a fault, and a fault that changes what no sensor shows stays unseen."
)


def network() -> keras.Model:
    """The untrained network, on scaled windows [batch, timesteps x features]."""
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((WINDOW * len(FEATURES),)),
            layers.Dense(HIDDEN, activation="relu"),
            layers.Dense(CODE, name="code"),
            layers.Dense(HIDDEN, activation="relu"),
            layers.Dense(WINDOW * len(FEATURES)),
        ]
    )
    rate = keras.optimizers.schedules.CosineDecay(2e-3, EPOCHS * TRAINING_MACHINES * WINDOWS_EACH // BATCH)
    model.compile(keras.optimizers.Adam(rate), "mse")
    return model


def export(model: keras.Model, mean: Array, deviation: Array, usual: Array) -> onnx.ModelProto:
    """The trained network as ONNX, from raw windows to the score and its parts.

    Args:
        usual: The mean squared error of each feature on ordinary windows: [features].
    """
    graph = Graph("anomaly")
    features = len(FEATURES)
    tensor = graph.input("readings", ["batch", WINDOW, features])
    tensor = graph.apply("Sub", tensor, graph.constant(mean))
    scaled = graph.apply("Div", tensor, graph.constant(deviation))
    tensor = graph.apply("Reshape", scaled, graph.integers(-1, WINDOW * features))
    *hidden, last = model.layers
    for layer in hidden:
        tensor = dense(graph, tensor, layer)
        tensor = tensor if layer.name == "code" else graph.apply("Relu", tensor)
    made = graph.apply("Reshape", dense(graph, tensor, last), graph.integers(-1, WINDOW, features))
    error = graph.apply("Sub", made, scaled)
    error = graph.apply("ReduceMean", graph.apply("Mul", error, error), axes=[1], keepdims=0)
    parts = graph.apply("Div", error, graph.constant((usual * features).astype(np.float32)))
    graph.output(parts, "parts", ["batch", features])
    graph.output(graph.apply("ReduceSum", parts, graph.integers(1), keepdims=1), "score", ["batch", 1])
    return graph.build()


def write_golden(folder: ModelFolder, windows: Array, scores: Array, parts: Array, threshold: float) -> list[Json]:
    """One golden sample of two windows."""
    predictions = []
    for score, part in zip(scores.tolist(), parts.tolist(), strict=True):
        features = [{"feature": name, "attribution": value} for name, value in zip(FEATURES, part, strict=True)]
        verdict = {"score": score, "threshold": threshold, "anomalous": score >= threshold, "features": features}
        predictions.append({"anomaly": verdict})
    request, response = {"tensor": tensor_json(windows)}, {"predictions": predictions}
    return [folder.write_golden("predict", "Predict", request, response, tolerance=0.01)]


def config(golden: list[Json], metrics: list[Json], threshold: float) -> Json:
    """The contents of model.yaml."""
    return {
        "name": "anomaly",
        "description": "Tells unusual readings of a pump from ordinary ones.",
        "methods": ["Predict", "PredictStream", "Explain"],
        "tabular": {
            "input": "readings",
            "output": "score",
            "task": "anomaly",
            "anomaly": {"threshold": threshold, "parts": "parts"},
            "sequences": True,
            "timesteps": WINDOW,
            "background": "background.npy",
            "features": [{"name": name, "description": text} for name, text in FEATURES.items()],
        },
        "card": card(INTENDED, LIMITS),
        "provenance": provenance(
            "anomaly.py", "Simulated pumps (examples/training/machines.py)", "Apache-2.0", "2026-11-29"
        ),
        "metrics": metrics,
        "golden": golden,
    }


def main() -> None:
    """Simulate, train, calibrate, export, measure and write the model folder."""
    folder = ModelFolder(output_folder(__doc__ or "", "tabular/anomaly"), "anomaly.py")
    keras.utils.set_random_seed(SEED)
    random = np.random.default_rng(SEED + 2)
    windows, _ = simulate(TRAINING_MACHINES, random).windows(WINDOWS_EACH, random, faulty=False)
    calibration, _ = simulate(CALIBRATION_MACHINES, random).windows(WINDOWS_EACH, random, faulty=False)
    random = np.random.default_rng(SEED + 3)
    test, faults = simulate(HELDOUT_MACHINES, random).windows(HELDOUT_EACH, random)
    mean, deviation = windows.mean(axis=(0, 1)), windows.std(axis=(0, 1))
    flat = ((windows - mean) / deviation).reshape(len(windows), -1)
    model = network()
    model.fit(flat, flat, batch_size=BATCH, epochs=EPOCHS, verbose=2)

    errors = np.square(model.predict(flat, verbose=0) - flat).reshape(windows.shape)
    folder.write_graph(export(model, mean, deviation, errors.mean(axis=(0, 1))))
    (ordinary,) = folder.run(["score"], {"readings": calibration})
    threshold = round(float(np.quantile(ordinary, 1 - FALSE_ALARMS)), 3)
    np.savez_compressed(folder.path / "heldout.npz", windows=test, labels=faults)
    np.save(folder.path / "background.npy", windows[:: len(windows) // BACKGROUND][:BACKGROUND])
    scores, parts = folder.run(["score", "parts"], {"readings": test})
    found, faulty, count = scores[:, 0] >= threshold, faults > 0, len(test)
    auc = roc_auc_score(faulty, scores[:, 0])
    baseline = roc_auc_score(faulty, np.abs((test.mean(axis=1) - mean) / deviation).max(axis=1))
    false_alarms, detected = found[~faulty].mean(), found[faulty].mean()
    metrics = [
        metric("auc", auc, count),
        metric("auc_of_largest_deviation", baseline, count),
        metric("false_alarm_rate", false_alarms, int(np.sum(~faulty))),
        metric("detection_rate", detected, int(np.sum(faulty))),
    ]
    of_each = [int(np.flatnonzero(faults == fault)[0]) for fault in (0, 2)]
    golden = write_golden(folder, test[of_each], scores[of_each, 0], parts[of_each], threshold)
    folder.write_config(config(golden, metrics, threshold))
    by_fault = [f"{name} {found[faults == fault].mean():.2f}" for fault, name in enumerate(FAULTS) if fault]
    folder.write_card(
        CARD.format(
            intended=INTENDED,
            limits=LIMITS,
            window=WINDOW,
            features=len(FEATURES),
            inputs=WINDOW * len(FEATURES),
            hidden=HIDDEN,
            code=CODE,
            machines=TRAINING_MACHINES,
            calibration=CALIBRATION_MACHINES,
            heldout=HELDOUT_MACHINES,
            count=count,
            auc=auc,
            threshold=threshold,
            wanted=FALSE_ALARMS,
            false_alarms=false_alarms,
            ordinary=int(np.sum(~faulty)),
            detected=detected,
            faulty=int(np.sum(faulty)),
            by_fault=", ".join(by_fault),
            baseline=baseline,
        )
    )


if __name__ == "__main__":
    main()
