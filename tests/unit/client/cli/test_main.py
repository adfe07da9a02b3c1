# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Starting the command line: without its extra, and without loading what a run does not need."""

import subprocess
import sys


def _python(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)


def test_without_the_extra_one_line_says_what_to_install() -> None:
    done = _python(
        "import sys; sys.modules['typer'] = None; sys.argv = ['argosy', 'models'];"
        "from argosy_client.cli.main import main; main()"
    )

    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "install 'argosy[cli]'" in done.stderr


def test_help_loads_neither_grpc_nor_numpy_nor_other_packages_verbs() -> None:
    done = _python(
        "import sys; sys.argv = ['argosy', '--help']\n"
        "from argosy_client.cli.main import main\n"
        "try: main()\n"
        "except SystemExit as end: assert end.code == 0, end.code\n"
        "heavy = {'grpc', 'numpy', 'argosy_worker.cli.check', 'argosy_gateway.cli.up', 'onnxruntime'}\n"
        "print('loaded:', heavy & set(sys.modules))"
    )

    assert "loaded: set()" in done.stdout, done.stderr
    assert "Usage: argosy" in done.stdout


def test_version_is_told() -> None:
    done = _python("import sys; sys.argv = ['argosy', '--version']; from argosy_client.cli.main import main; main()")

    assert (done.returncode, done.stdout.split()[0]) == (0, "argosy")
