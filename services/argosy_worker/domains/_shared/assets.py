# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Text files beside ``model.yaml``."""

from pathlib import Path

from argosy_worker.domains._shared.graph import invalid
from argosy_worker.repository.scan import asset


def read_asset(folder: Path, key: str, name: str) -> str:
    """Contents of an asset, UTF-8; a byte order mark is dropped.

    Raises:
        argosy_worker.errors.ModelInvalid: it is absent, outside of the folder, or not UTF-8.
    """
    path = asset(folder, name)
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise invalid(key, f"cannot read {name!r}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise invalid(key, f"{name!r} is not UTF-8 text (byte {error.start})") from error
