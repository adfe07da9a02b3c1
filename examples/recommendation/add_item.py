# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Add an item that nobody has met yet to the catalogue of ``two_tower``, while it serves.

Its vector is the sum of those of its attributes' values, as the item tower would make it.
"""

import sys
from pathlib import Path

import numpy as np


def main(folder: Path, item_id: str, name: str, *cells: str) -> None:
    """Writes the new catalogue beside the old one and puts it in its place with one rename."""
    attributes = dict(cell.split("=", 1) for cell in cells)
    with np.load(folder / "items.npz") as arrays, np.load(folder / "attribute_vectors.npz") as vectors:
        vector = sum(vectors[f"{attribute}/{value}"] for attribute, value in attributes.items())
        added = {"ids": item_id, "names": name, "vectors": vector, "popularity": 0, **attributes}
        catalogue = {key: np.concatenate([array, np.array([added[key]])]) for key, array in arrays.items()}
    new = folder / ".items.new.npz"
    np.savez(new, **catalogue)
    new.replace(folder / "items.npz")
    print(f"{len(catalogue['ids'])} items")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
