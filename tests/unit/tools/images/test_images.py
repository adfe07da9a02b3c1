# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import gzip
import io
import json
import re
import stat
import subprocess
import tarfile
from pathlib import Path

import pytest
from argosy_gateway.bootstrap import envoy_command

from tools.images.catalogue import DOMAINS, IMAGES, ROOT, choose
from tools.images.engines import VARIABLE, Buildah, BuilderError, find
from tools.images.pins import pin
from tools.images.reach import certificates, configuration, go_settings, on_this_machine, read
from tools.images.sizes import layer_sizes

BASED = sorted({image.dockerfile for image in IMAGES if image.based})
PINNED = {
    "argosy/envoy": ("registry.example/argosy/envoy", "sha256:1"),
    "argosy/b": ("registry.example/argosy/b", "sha256:2"),
}
HEAD = "images:\n"
OTHER = "  - {name: argosy/a, newTag: '1'}\n"
ENTRIES = (
    f"{HEAD}  - name: argosy/b\n    newName: registry.example/argosy/b\n    digest: sha256:2\n"
    "  - name: argosy/envoy\n    newName: registry.example/argosy/envoy\n    digest: sha256:1\n"
)


def test_every_dockerfile_belongs_to_an_image_and_every_domain_has_one() -> None:
    found = {*(ROOT / "deploy/docker").glob("*.Dockerfile"), *(ROOT / "examples").rglob("Dockerfile")}
    assert {str(path.relative_to(ROOT)) for path in found} == {image.dockerfile for image in IMAGES}
    assert {f"worker-{domain}" for domain in DOMAINS} <= {image.name for image in choose("")}


def test_images_are_chosen_by_name_and_the_large_one_and_the_examples_only_so() -> None:
    assert [image.name for image in choose("worker-gpu, envoy")] == ["worker-gpu", "envoy"]
    assert {"worker-gpu", "example-go", "example-python"}.isdisjoint(image.name for image in choose(""))
    with pytest.raises(ValueError, match=r"no image envy; there are envoy, "):
        choose("envy")


@pytest.mark.parametrize("path", BASED)
def test_an_image_takes_its_base_as_an_argument_runs_as_nobody_in_particular_and_ends_without_pip(path: str) -> None:
    text = (ROOT / path).read_text()
    final = text[text.rindex("\nFROM ") :]
    assert final.startswith("\nFROM ${BASE_IMAGE}\nRUN rm -rf /usr/bin/pip*")
    assert "\nUSER 65532:65532\n" in final
    assert "install" not in final


def test_the_example_in_go_is_a_program_and_nothing_else() -> None:
    text = (ROOT / "examples/kubernetes/go/Dockerfile").read_text()
    final = text[text.rindex("\nFROM ") :]
    assert final.startswith("\nFROM scratch\nCOPY ")
    assert "\nUSER 65532:65532\n" in final
    assert "RUN" not in final


def test_envoy_starts_in_its_image_with_the_arguments_that_a_local_one_has() -> None:
    text = (ROOT / "deploy" / "docker" / "envoy.Dockerfile").read_text()
    entry, command = (json.loads(line) for line in re.findall(r"^(?:ENTRYPOINT|CMD) (.*)$", text, re.MULTILINE))
    local = envoy_command(Path("envoy"), Path("/run/argosy/envoy.json"), 2)
    assert sorted([*entry, *command]) == sorted(local)


def fake(folder: Path, program: str, text: str) -> None:
    path = folder / program
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_a_builder_that_does_not_work_gives_way_to_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(BuilderError, match="none of docker, podman and buildah works here"):
        find()
    fake(tmp_path, "docker", "exit 1")
    fake(tmp_path, "buildah", "exit 0")
    assert isinstance(find(), Buildah)
    fake(tmp_path, "podman", "exit 0")
    assert find().program == "podman"
    monkeypatch.setenv(VARIABLE, "buildah")
    assert find().program == "buildah"


def test_a_build_is_told_where_packages_are_by_secrets_and_never_by_arguments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(tmp_path, "buildah", f'echo "$@" >>{tmp_path}/calls')
    monkeypatch.setenv("PATH", str(tmp_path))
    Buildah("buildah").build("x:dev", Path("D"), Path(), {"A": "1"}, {"pip_config": tmp_path / "pip_config"})
    said = (tmp_path / "calls").read_text()
    assert f"--secret id=pip_config,src={tmp_path}/pip_config" in said
    assert re.findall(r"--build-arg (\S+)", said) == ["A=1"]


def save(path: Path, layers: list[bytes]) -> None:
    names = [f"{number}.tar" for number in range(len(layers))]
    files = dict(zip(names, layers, strict=True)) | {"manifest.json": json.dumps([{"Layers": names}]).encode()}
    with tarfile.open(path, "w") as archive:
        for name, content in files.items():
            information = tarfile.TarInfo(name)
            information.size = len(content)
            archive.addfile(information, io.BytesIO(content))


def test_layers_count_uncompressed(tmp_path: Path) -> None:
    save(tmp_path / "image.tar", [b"b" * 3000, gzip.compress(b"o" * 50_000)])
    assert layer_sizes(tmp_path / "image.tar") == [3000, 50_000]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("kind: Kustomization\n", f"kind: Kustomization\n{ENTRIES}"),
        (
            "images:\n  - name: argosy/envoy\n    newTag: dev\n\nresources:\n  - ../base\n",
            f"{ENTRIES}\nresources:\n  - ../base\n",
        ),
        ("a: 1\nimages:\n- name: argosy/envoy\n  newTag: dev\n# all\nb: 2\n", f"a: 1\n{ENTRIES}# all\nb: 2\n"),
        (
            f"{HEAD}{OTHER}  - {{name: argosy/b, newTag: dev}}\nb: 2\n",
            f"{HEAD}{OTHER}{ENTRIES.removeprefix(HEAD)}b: 2\n",
        ),
    ],
)
def test_digests_replace_the_images_of_a_kustomization_and_nothing_else(before: str, after: str) -> None:
    assert pin(before, PINNED) == after
    assert pin(after, PINNED) == after


def test_pip_learns_index_and_certificates_of_this_machine_and_variables_win() -> None:
    settings = read(
        "global.index-url='https://index.example/simple'\nglobal.cert='/a'\n:env:.cert='/b'\nglobal.quiet='1'\n"
        "global.extra-index-url='https://one.example\\nhttps://two.example'\n"
    )
    assert configuration(settings) == (
        "[global]\nindex-url = https://index.example/simple\nextra-index-url = https://one.example https://two.example\n"
    )
    assert certificates(settings, {}) == Path("/b")
    assert certificates({}, {"SSL_CERT_FILE": "/c"}) == Path("/c")
    assert certificates({}, {}) is None


def test_go_learns_where_modules_are_and_nothing_else_of_this_machine(tmp_path: Path) -> None:
    settings = tmp_path / "settings"
    settings.write_text(go_settings({"GOPROXY": "https://me:a$b @proxy.example", "GOFLAGS": "-v", "HOME": "/root"}))
    done = subprocess.run(
        ["/bin/sh", "-c", f"set -eu; . {settings}; echo $GOPROXY"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "https://me:a$b @proxy.example\n"
    assert settings.read_text().count("\n") == 1
    assert go_settings({}) == ""


@pytest.mark.parametrize(
    ("registry", "here"),
    [
        ("127.0.0.1:5000", True),
        ("localhost:5000/team", True),
        ("[::1]:5000/team", True),
        ("registry.example:5000/127.0.0.1", False),
        ("10.0.0.1:5000", False),
        ("localhost.example", False),
    ],
)
def test_only_a_registry_on_this_machine_does_without_a_certificate(registry: str, here: bool) -> None:
    assert on_this_machine(registry) is here
