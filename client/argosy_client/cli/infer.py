# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy infer``: runs any model on tensors."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from argosy_client.cli.command import command
from argosy_client.cli.options import Connection

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Numbers of an output that are shown.
_SHOWN = 8


@command
def infer(
    connection: Connection,
    name: Annotated[str, typer.Argument(metavar="MODEL", help="Name of the model.")],
    inputs: Annotated[
        Path, typer.Argument(metavar="FILE", help="Inputs by name: .npz, or a golden sample of tensors (.json).")
    ],
    version: Annotated[str | None, typer.Option("--model-version", help="Version number or label.")] = None,
    output: Annotated[Path | None, typer.Option("--output", help="Save the outputs as .npz.")] = None,
) -> None:
    """Run a model on tensors, over the V2 protocol."""
    import numpy as np

    from argosy_client.cli.output import answered_by, cell, console, print_json, table

    arrays = read_inputs(inputs)
    with connection.open() as fleet:
        result = fleet.tensors.infer(name, arrays, version=version)
    texts = {key: array.astype(str) if array.dtype == object else array for key, array in result.outputs.items()}
    if output is not None:
        np.savez(output, allow_pickle=False, **texts)
    if connection.json:
        print_json({"model": result.model, "version": result.version, "outputs": texts, "timing": result.timing})
        return
    shown = table("output", "type", "shape", "values", whole=["output"])
    for key, array in texts.items():
        values = ", ".join(
            f"{value:.6g}" if array.dtype.kind == "f" else str(value) for value in array.ravel()[:_SHOWN]
        )
        more = ", ..." if array.size > _SHOWN else ""
        shown.add_row(cell(key), cell(array.dtype), cell(list(array.shape)), cell(values + more))
    console().print(shown)
    console().print(answered_by(result.model, result.version))


def read_inputs(path: Path) -> "dict[str, NDArray[Any]]":
    """Reads arrays by name. Raises OSError for a file that cannot be read, ValueError for one of another format."""
    import json
    import zipfile

    import numpy as np

    from argosy_client.domains.tensors import from_json

    try:
        if path.suffix != ".json":
            loaded = np.load(path, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                raise ValueError("an .npy file has no names: save the inputs with numpy.savez")
            return {name: loaded[name] for name in loaded.files}
        return from_json(json.loads(path.read_text("utf-8"))["inputs"])
    except (ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile, EOFError) as error:
        raise ValueError(f"{path}: cannot be read as tensors: {error}") from error
