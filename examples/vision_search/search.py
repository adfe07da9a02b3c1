# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Search by image: keeps the embeddings of a gallery, and finds in it what is most like another image.

python search.py index gallery.npz FILE...        # images, or a NumPy file of `images` with their `labels`
python search.py find gallery.npz FILE --top-k 3
"""

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from argosy_client import Argosy
from numpy.typing import NDArray

#: Images in one call; a fleet takes 256 by default.
STEP = 128


@dataclass(frozen=True)
class Gallery:
    """Images that are known: their names, and a vector of length 1 for each, float32 [images, dimensions]."""

    names: Sequence[str]
    vectors: NDArray[np.float32]

    def nearest(self, vectors: NDArray[np.float32], top_k: int) -> list[list[tuple[str, float]]]:
        """The most similar known images of each vector, best first, with their cosine similarities."""
        similar = vectors @ self.vectors.T
        order = np.argsort(-similar, axis=1, kind="stable")[:, :top_k]
        return [
            [(self.names[place], float(row[place])) for place in best] for row, best in zip(similar, order, strict=True)
        ]

    def save(self, path: Path) -> None:
        """Writes the gallery to a NumPy file."""
        with path.open("wb") as file:
            np.savez(file, names=np.array(self.names), vectors=self.vectors)


def load(path: Path) -> Gallery:
    """Reads a gallery that was saved."""
    with np.load(path) as saved:
        return Gallery(saved["names"].tolist(), saved["vectors"])


def index(fleet: Argosy, names: Sequence[str], images: Sequence[Any], model: str | None = None) -> Gallery:
    """Embeds images, some in each call."""
    parts = [fleet.vision.embed(list(images[at : at + STEP]), model=model) for at in range(0, len(images), STEP)]
    return Gallery(names, unit(np.concatenate([part.vectors for part in parts])))


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Vectors of length 1, whose products are cosine similarities."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def read(files: Sequence[Path]) -> tuple[list[str], list[Any]]:
    """Names and images: paths as they are, and the pixels of NumPy files, named by label and place."""
    names: list[str] = []
    images: list[Any] = []
    for file in files:
        if file.suffix == ".npz":
            with np.load(file) as held:
                images += list(held["images"])
                names += [f"{label} ({file.name} #{place})" for place, label in enumerate(held["labels"])]
        else:
            images.append(file)
            names.append(str(file))
    return names, images


def main() -> None:
    """Runs a command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["index", "find"])
    parser.add_argument("gallery", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--model", help="a model with Embed, and Compare for find; the fleet's default if not given")
    parser.add_argument("--top-k", type=int, default=5)
    asked = parser.parse_args()
    with Argosy(os.environ.get("ARGOSY_ADDRESS")) as fleet:
        if asked.command == "index":
            made = index(fleet, *read(asked.files), asked.model)
            made.save(asked.gallery)
            print(f"{len(made.names)} images in {asked.gallery}")
            return
        gallery = load(asked.gallery)
        for file in asked.files:
            # What counts as the same was calibrated with the model; any comparison tells it.
            threshold = fleet.vision.compare(file, file, model=asked.model).threshold
            (found,) = gallery.nearest(unit(fleet.vision.embed(file, model=asked.model).vectors), asked.top_k)
            print(file)
            for name, similarity in found:
                print(f"  {similarity:.4f}  {'same' if similarity >= threshold else 'other'}  {name}")


if __name__ == "__main__":
    main()
