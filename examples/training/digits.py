# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Train ``vision/digits``: a convolutional network that reads one handwritten digit from a 28x28 grey image."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import cv2
import keras
import numpy as np
import onnx
from common import Array, Json, ModelFolder, card, metric, output_folder, provenance, unit_rows
from digit_samples import LABELS, calibrate, to_input, write_goldens
from graph import Graph
from layers import conv_blocks, dense
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SEED = 20261122
SIDE = 28
EMBEDDING = 64
VARIANTS = 12
EPOCHS = 10

CARD = """
# digits

Reads one handwritten digit (0-9), white on black, from a grey image of 28x28 pixels. Two convolution and pooling
blocks and one dense layer (64 values, also served as the embedding), trained in Keras.

**Intended use.** {intended}

**Data.** The 1,797 digits that come with scikit-learn: the test part of *Optical Recognition of Handwritten Digits*
(E. Alpaydin, C. Kaynak, 1998; UCI Machine Learning Repository, CC BY 4.0), 8x8 pixels of 17 grey levels. They were
changed: scaled to 0..255 and enlarged to 28x28 with OpenCV (cubic). Four fifths were used for training, each also in
{variants} variants (rotated up to 12 degrees, scaled 0.6-1.05, moved up to 2 pixels). One fifth, drawn at random by
class, is held out in `heldout.npz` (`images` uint8 [N,28,28] as served, `labels` int64 [N]); `golden/seven.png` is one
of them. The licence of these files is the data's.

**Quality.** Accuracy {accuracy:.4f} on the {count} held-out digits, measured with ONNX Runtime on the files here.
Whether two images show the same digit (`Compare`): from a cosine similarity of {threshold} on, the best threshold for
all pairs of every second held-out digit. On all {pairs:,} pairs of the others its balanced accuracy, the mean of those
on equal and on different pairs, is {compared:.4f}.

**Limits.** {limits}

**Licence of the weights.** Apache-2.0. Made by `examples/training/digits.py`.
"""
INTENDED = "To show an image classifier, and as a part of tests. Not to read post codes, cheques or forms."
LIMITS = (
    "The split is by image, not by writer: the same 13 people wrote both parts, so expect less from new hands. It "
    'has no class for "not a digit". Dark digits on a light ground must be inverted first.'
)


def enlarge(image: Array) -> Array:
    """An 8x8 image of levels 0..16 as uint8 28x28."""
    big = cv2.resize((image * (255.0 / 16.0)).astype(np.float32), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(np.rint(big), 0, 255), dtype=np.uint8)


def vary(image: Array, random: np.random.Generator) -> Array:
    """The image slightly turned, scaled and moved."""
    centre = (SIDE - 1) / 2
    transform = cv2.getRotationMatrix2D((centre, centre), random.uniform(-12, 12), random.uniform(0.6, 1.05))
    transform[:, 2] += random.uniform(-2, 2, size=2)
    return np.asarray(cv2.warpAffine(image, transform, (SIDE, SIDE)))


def training_set(images: Array, labels: Array) -> tuple[Array, Array]:
    """All training images with their variants, as float32 [N, 28, 28, 1] in 0..1, and their labels."""
    random = np.random.default_rng(SEED)
    varied = [vary(image, random) for _ in range(VARIANTS) for image in images]
    stacked = np.concatenate([images, np.stack(varied)])
    return to_input(stacked), np.tile(labels, VARIANTS + 1)


def network() -> keras.Model:
    """The untrained network."""
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((SIDE, SIDE, 1)),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(EMBEDDING, activation="relu", name="embedding"),
            layers.Dropout(0.3),
            layers.Dense(len(LABELS), activation="softmax", name="probabilities"),
        ]
    )
    model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def export(model: keras.Model) -> onnx.ModelProto:
    """The trained network as ONNX."""
    graph = Graph("digits")
    flat = conv_blocks(graph, graph.input("image", ["batch", SIDE, SIDE, 1]), model)
    embedding = graph.apply("Relu", dense(graph, flat, model.get_layer("embedding")))
    logits = dense(graph, embedding, model.get_layer("probabilities"))
    graph.output(graph.apply("Softmax", logits, axis=1), "probabilities", ["batch", len(LABELS)])
    graph.output(embedding, "embedding", ["batch", EMBEDDING])
    return graph.build()


def config(threshold: float, golden: list[Json], metrics: list[Json]) -> Json:
    """The contents of model.yaml."""
    return {
        "name": "digits",
        "description": "Reads one handwritten digit, white on black.",
        "methods": ["Classify", "Embed", "Compare", "Explain"],
        "default_for": ["Classify", "Embed", "Compare", "Explain"],
        "labels_file": "labels.txt",
        "vision": {
            "input": "image",
            "width": SIDE,
            "height": SIDE,
            "color": "gray",
            "layout": "NHWC",
            "resize": "stretch",
            "interpolation": "area",
            "scale": 1 / 255,
            "classify": {"output": "probabilities"},
            "embed": {"output": "embedding", "normalize": True},
            "compare": {"threshold": threshold},
        },
        "card": card(INTENDED, LIMITS),
        "provenance": provenance(
            "digits.py",
            "Optical Recognition of Handwritten Digits (UCI, as in scikit-learn), enlarged to 28x28",
            "Weights Apache-2.0; data CC BY 4.0 (E. Alpaydin, C. Kaynak)",
            "2026-11-22",
        ),
        "metrics": metrics,
        "golden": golden,
    }


def write(folder: ModelFolder, images: Array, labels: Array) -> None:
    """Measures the saved graph on the held-out digits, calibrates it, and writes the rest of the folder."""
    folder.write_lines("labels.txt", LABELS)
    np.savez_compressed(folder.path / "heldout.npz", images=images, labels=labels.astype(np.int64))
    probabilities, embeddings = folder.run(["probabilities", "embedding"], {"image": to_input(images)})
    accuracy = float(np.mean(probabilities.argmax(axis=1) == labels))
    threshold, compared, pairs = calibrate(unit_rows(embeddings), labels)
    metrics = [metric("accuracy", accuracy, len(labels)), metric("compare_balanced_accuracy", compared, pairs)]
    folder.write_config(config(threshold, write_goldens(folder, images, labels, threshold), metrics))
    figures = {"accuracy": accuracy, "count": len(labels), "threshold": threshold, "compared": compared, "pairs": pairs}
    folder.write_card(CARD.format(intended=INTENDED, limits=LIMITS, variants=VARIANTS, **figures))


def main() -> None:
    """Train, export, measure and write the model folder."""
    folder = ModelFolder(output_folder(__doc__ or "", "vision/digits"), "digits.py")
    keras.utils.set_random_seed(SEED)
    data = load_digits()
    images = np.stack([enlarge(image) for image in data.images])
    split = train_test_split(images, data.target, test_size=0.2, random_state=SEED % 2**32, stratify=data.target)
    train_images, test_images, train_labels, test_labels = split

    model = network()
    model.fit(*training_set(train_images, train_labels), batch_size=64, epochs=EPOCHS, verbose=2)

    folder.write_graph(export(model))
    write(folder, test_images, test_labels)


if __name__ == "__main__":
    main()
