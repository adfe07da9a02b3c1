# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What ``vision/digits`` keeps beside its graph: golden samples of its methods, and the threshold of Compare."""

import cv2
import numpy as np
from common import Array, Json, ModelFolder, scored_labels, tensor_json, unit_rows

LABELS = [str(digit) for digit in range(10)]
#: Rows and columns of the explanation's grid.
GRID = 4
#: Steps of the curves of an explanation, from no part to all.
STEPS = 16


def to_input(images: Array) -> Array:
    """uint8 [N, 28, 28] as the graph's input."""
    return (images[..., None] / 255.0).astype(np.float32)


def calibrate(vectors: Array, labels: Array) -> tuple[float, float, int]:
    """The threshold from which on two digits are taken for the same one.

    Args:
        vectors: Embeddings of the held-out digits, of length 1.
        labels: Which digits they are.

    Returns:
        The threshold with the best balanced accuracy on pairs of every second digit, that accuracy on pairs of the
        others, and the number of the latter.
    """
    similar, same = _pairs(vectors[::2], labels[::2])
    steps = np.linspace(-1, 1, 401)
    threshold = float(steps[int(np.argmax([_balanced(similar, same, step) for step in steps]))])
    similar, same = _pairs(vectors[1::2], labels[1::2])
    return round(threshold, 3), _balanced(similar, same, threshold), len(same)


def _pairs(vectors: Array, labels: Array) -> tuple[Array, Array]:
    first, second = np.triu_indices(len(labels), 1)
    return (vectors @ vectors.T)[first, second], labels[first] == labels[second]


def _balanced(similar: Array, same: Array, threshold: float) -> float:
    taken = similar >= threshold
    return float((taken[same].mean() + (~taken[~same]).mean()) / 2)


def write_goldens(folder: ModelFolder, images: Array, labels: Array, threshold: float) -> list[Json]:
    """Golden samples of all methods on the first two held-out sevens."""
    sevens = images[labels == 7][:2]
    for name, image in zip(("seven", "seven_again"), sevens, strict=True):
        cv2.imwrite(str(folder.path / "golden" / f"{name}.png"), image)
    probabilities, embeddings = folder.run(["probabilities", "embedding"], {"image": to_input(sevens)})
    first, second = ({"encoded": {"$file": f"golden/{name}.png"}} for name in ("seven", "seven_again"))
    vectors = unit_rows(embeddings)
    similarity = float(vectors[0] @ vectors[1])
    compared: Json = {"similarity": similarity, "threshold": threshold}
    if similarity >= threshold:
        compared["same"] = True
    classified = {"results": [{"labels": scored_labels(LABELS, probabilities[0], 1)}]}
    return [
        folder.write_golden("seven", "Classify", {"images": [first], "topK": 1}, classified),
        folder.write_golden("seven_embedding", "Embed", {"images": [first]}, {"embeddings": tensor_json(vectors[:1])}),
        folder.write_golden("two_sevens", "Compare", {"first": first, "second": second}, compared),
        folder.write_golden(
            "why_seven", "Explain", {"image": first, "gridSize": GRID}, explained(folder, sevens[0], LABELS)
        ),
    ]


def explained(folder: ModelFolder, image: Array, labels: list[str]) -> Json:
    """What the best label of an image rests on, by occlusion: a part that is hidden has the image's mean level."""
    side = len(image)
    rows = np.arange(side) * GRID // side
    parts = rows[:, None] * GRID + rows[None]
    whole = to_input(image[None])

    def scores(masks: Array) -> Array:
        inputs = np.where(masks[:, parts][..., None], whole, whole.mean())
        (probabilities,) = folder.run(["probabilities"], {"image": inputs.astype(np.float32)})
        return np.asarray(probabilities[:, target], np.float64)

    (probabilities,) = folder.run(["probabilities"], {"image": whole})
    target, count = int(probabilities[0].argmax()), GRID * GRID
    value, base = scores(np.array([[True] * count, [False] * count]))
    importance = value - scores(~np.eye(count, dtype=bool))
    place = np.argsort(np.argsort(-importance, kind="stable"))
    steps = sorted({round(count * step / STEPS) for step in range(STEPS + 1)})
    kept = np.stack([place < step for step in steps])
    summary = {
        "method": "occlusion",
        "target": labels[target],
        "value": value,
        "baseValue": base,
        "evaluationCount": 2 + count + 2 * len(steps),
        "fidelity": float(scores(kept).mean() - scores(~kept).mean()),
    }
    return {"summary": summary, "heatmap": tensor_json(importance.reshape(GRID, GRID))}
