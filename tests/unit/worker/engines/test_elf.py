# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Reading what a shared library needs."""

import sys
from pathlib import Path

import numpy as np
import pytest
from argosy_worker.engines import elf

MODULE = Path(np._core._multiarray_umath.__file__)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="ELF is Linux's format")


def test_what_a_library_needs_is_named() -> None:
    assert any(name.startswith("libc.") for name in elf.needed(MODULE))


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("a text, not a library, of more bytes than a header has: 64")
    with pytest.raises(ValueError, match="not a 64-bit"):
        elf.needed(tmp_path / "text")
    with pytest.raises(OSError, match="No such file"):
        elf.needed(tmp_path / "missing")


@pytest.mark.parametrize("kept", [40, 64, 300])
def test_a_file_that_is_cut_is_refused(tmp_path: Path, kept: int) -> None:
    (tmp_path / "cut").write_bytes(MODULE.read_bytes()[:kept])
    with pytest.raises(ValueError, match="damaged"):
        elf.needed(tmp_path / "cut")
