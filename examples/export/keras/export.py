# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Keras: a recurrent network over sequences of readings, with a batch that may have any size."""

import sys
from pathlib import Path

import keras
import numpy as np

keras.utils.set_random_seed(0)
folder = Path(sys.argv[1])
model = keras.Sequential([keras.Input((20, 6)), keras.layers.LSTM(16), keras.layers.Dense(3, activation="softmax")])
readings = np.random.default_rng(0).normal(size=(5, 20, 6)).astype(np.float32)
signature = [keras.InputSpec(shape=(None, 20, 6), dtype="float32", name="readings")]
model.export(folder / "model.onnx", format="onnx", input_signature=signature)
np.savez(folder / "samples.npz", readings)
np.savez(folder / "expected.npz", model(readings, training=False))
(folder / "labels.txt").write_text("idle\nrunning\nfaulty\n")
