# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What builds images here: docker, podman or buildah. Each is a program; its differences are here alone."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

#: Names a builder where several are there.
VARIABLE = "ARGOSY_IMAGE_BUILDER"


class BuilderError(Exception):
    """No builder, or one that failed; the text is for people."""


@dataclass(frozen=True, slots=True)
class Builder:
    """docker or podman, whose commands are the same but for few."""

    program: str

    def build(
        self, tag: str, dockerfile: Path, context: Path, arguments: Mapping[str, str], secrets: Mapping[str, Path]
    ) -> None:
        """Builds an image. Raises BuilderError where that fails; what it printed is on the terminal."""
        command = [*self._build_command(), "--tag", tag, "--file", str(dockerfile)]
        command += [word for name, value in arguments.items() for word in ("--build-arg", f"{name}={value}")]
        command += [word for name, path in secrets.items() for word in ("--secret", f"id={name},src={path}")]
        self._run(*command, str(context))

    def layers(self, image: str) -> list[str]:
        """Digests of an image's uncompressed layers, the base's first."""
        (found,) = json.loads(self._output("image", "inspect", image))
        return list(found["RootFS"]["Layers"])

    def save(self, image: str, archive: Path) -> None:
        """Writes an image to a file in the form of ``docker save``."""
        self._run("save", "--output", str(archive), image)

    def push(self, image: str, target: str, secure: bool) -> str:
        """Sends an image to a registry; returns its digest there."""
        self._run("tag", image, target)
        if self.program == "podman":
            return self._push_with_digest("push", image, target, secure)
        self._run("push", target)
        repository = target.rpartition(":")[0]
        found: list[str] = json.loads(self._output("image", "inspect", target))[0]["RepoDigests"]
        return next(each.partition("@")[2] for each in found if each.partition("@")[0] == repository)

    def _push_with_digest(self, verb: str, image: str, target: str, secure: bool) -> str:
        with tempfile.TemporaryDirectory() as folder:
            digest = Path(folder) / "digest"
            self._run(verb, f"--tls-verify={str(secure).lower()}", "--digestfile", str(digest), image, target)
            return digest.read_text().strip()

    def _build_command(self) -> list[str]:
        return ["build"]

    def _run(self, *arguments: str) -> None:
        done = subprocess.run([self.program, *arguments], env={**os.environ, "DOCKER_BUILDKIT": "1"}, check=False)
        if done.returncode != 0:
            raise BuilderError(f"{self.program} {arguments[0]} ended with {done.returncode}")

    def _output(self, *arguments: str) -> str:
        done = subprocess.run([self.program, *arguments], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise BuilderError(f"{self.program} {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout


class Buildah(Builder):
    """buildah, which has no ``save`` and no ``image inspect``."""

    def _build_command(self) -> list[str]:
        return ["build", "--layers", "--format", "docker"]

    def layers(self, image: str) -> list[str]:
        """As :meth:`Builder.layers`."""
        return list(json.loads(self._output("inspect", "--type", "image", image))["OCIv1"]["rootfs"]["diff_ids"])

    def save(self, image: str, archive: Path) -> None:
        """As :meth:`Builder.save`."""
        self._run("push", "--quiet", image, f"docker-archive:{archive}:{image}")

    def push(self, image: str, target: str, secure: bool) -> str:
        """As :meth:`Builder.push`."""
        return self._push_with_digest("push", image, f"docker://{target}", secure)


def find() -> Builder:
    """Returns the first of docker, podman and buildah that works here, or that which VARIABLE names.

    Raises:
        BuilderError: none does.
    """
    chosen = os.environ.get(VARIABLE)
    for program in (chosen,) if chosen else ("docker", "podman", "buildah"):
        if shutil.which(program) and _works((program, "version" if program == "buildah" else "info")):
            return Buildah(program) if program == "buildah" else Builder(program)
    raise BuilderError(f"{chosen or 'none of docker, podman and buildah'} works here: install or start one")


def _works(command: Sequence[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
