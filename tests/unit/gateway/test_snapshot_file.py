# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import asyncio
from pathlib import Path

import pytest
from argosy_gateway.latest import Latest
from argosy_gateway.snapshot import Snapshot, SnapshotBuilder
from argosy_gateway.snapshot_file import SnapshotFileError, keep, read, write

from tests.unit.gateway.fleets import fleet, model, worker


def built(*models: str) -> Snapshot:
    return SnapshotBuilder().build(fleet(worker("vision", 1, *(model(name) for name in models))))


def versions(snapshot: Snapshot | None) -> dict[str, str]:
    assert snapshot is not None
    return {kind: resources.version for kind, resources in snapshot.by_type.items()}


def test_what_is_read_is_what_was_written_versions_included(tmp_path: Path) -> None:
    snapshot = built("a", "b")
    write(tmp_path / "kept", snapshot)
    assert read(tmp_path / "kept") == snapshot
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_no_file_is_no_snapshot(tmp_path: Path) -> None:
    assert read(tmp_path / "kept") is None


@pytest.mark.parametrize("content", [b"", b"not a configuration", b"\xff" * 100])
def test_a_file_that_holds_none_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "kept"
    path.write_bytes(content)
    with pytest.raises(SnapshotFileError, match=str(path)):
        read(path)


async def test_what_is_accepted_is_kept_and_a_disk_that_refuses_ends_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    accepted: Latest[Snapshot | None] = Latest(None)
    folder = tmp_path / "folder"
    keeping = asyncio.create_task(keep(accepted, str(folder / "kept")))
    async with asyncio.timeout(20):
        accepted.set(built("a"))
        while "configuration not kept" not in caplog.messages:
            await asyncio.sleep(0.01)
        folder.mkdir()
        accepted.set(built("b"))
        while not (folder / "kept").exists():
            await asyncio.sleep(0.01)
    keeping.cancel()
    assert versions(read(folder / "kept")) == versions(built("b"))
