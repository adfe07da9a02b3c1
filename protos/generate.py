# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Generates the Python stubs and descriptor sets beside their .proto files.

``python protos/generate.py`` writes them; ``--check`` writes nothing and exits 1 where a committed file differs.
Needs grpcio-tools of the version pinned in pyproject.toml's ``dev`` extra.
"""

import filecmp
import shutil
import sys
import tempfile
from importlib import resources
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent
PACKAGE = ROOT / "argosy"
GENERATED = ("*_pb2.py", "*_pb2.pyi", "*_pb2_grpc.py", "*.binpb")


def run_protoc(arguments: list[str]) -> None:
    well_known = str(resources.files("grpc_tools") / "_proto")
    includes = [f"-I{ROOT}", f"-I{ROOT / 'third_party'}", f"-I{well_known}"]
    if protoc.main(["protoc", *includes, *arguments]) != 0:
        raise SystemExit("protoc failed")


def generate(out: Path) -> None:
    """Writes all generated files below ``out``, laid out as in the source tree."""
    files = sorted(str(path.relative_to(ROOT)) for path in PACKAGE.rglob("*.proto"))
    v2 = [name for name in files if name.startswith("argosy/inference/")]
    typed = [name for name in files if name not in v2]
    services = [name for name in typed if "\nservice " in (ROOT / name).read_text()]
    run_protoc([f"--python_out={out}", f"--pyi_out={out}", *typed])
    run_protoc([f"--grpc_python_out={out}", *services])
    # V2 gets no Python stubs: its messages live in a private pool (argosy/v2.py).
    run_protoc([f"--descriptor_set_out={out / 'argosy' / 'v2.binpb'}", "--include_imports", *v2])
    # All of it in one set: for Envoy, reflection and other languages.
    run_protoc([f"--descriptor_set_out={out / 'argosy' / 'all.binpb'}", "--include_imports", *files])


def generated_in(root: Path) -> set[Path]:
    return {path.relative_to(root) for pattern in GENERATED for path in (root / "argosy").rglob(pattern)}


def main() -> int:
    check = sys.argv[1:] == ["--check"]
    with tempfile.TemporaryDirectory() as temporary:
        out = Path(temporary)
        (out / "argosy").mkdir()
        generate(out)
        fresh, present = generated_in(out), generated_in(ROOT)
        stale = {path for path in fresh & present if not filecmp.cmp(out / path, ROOT / path, shallow=False)}
        different = sorted(stale | (fresh ^ present))
        if check:
            for path in different:
                print(f"out of date: protos/{path} (run `make protos`)", file=sys.stderr)
            return 1 if different else 0
        for path in present - fresh:
            (ROOT / path).unlink()
        for path in fresh:
            shutil.copyfile(out / path, ROOT / path)
        print(f"{len(different)} of {len(fresh)} generated files changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
