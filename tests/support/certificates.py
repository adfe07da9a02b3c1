# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Authorities and certificates of a test, made by openssl, in folders as Kubernetes mounts them."""

import shutil
import subprocess
from pathlib import Path

import pytest


def authority(folder: Path, name: str) -> Path:
    """Makes an authority; returns its folder, with ``ca.crt`` and ``ca.key``."""
    place = folder / name
    place.mkdir(parents=True)
    _openssl(place, "req", "-x509", *_KEY, "-keyout", "ca.key", "-out", "ca.crt", "-subj", f"/CN={name}", "-days", "2")
    return place


def certificate(signer: Path, folder: Path, name: str) -> Path:
    """Makes a certificate for a DNS name; returns its folder, with ``tls.crt``, ``tls.key`` and ``ca.crt``."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / "fresh"
    fresh.mkdir()
    _openssl(fresh, "req", *_KEY, "-keyout", "tls.key", "-out", "tls.csr", "-subj", f"/CN={name}")
    (fresh / "names").write_text(f"subjectAltName=DNS:{name}\n")
    signed_by = ("-CA", str(signer / "ca.crt"), "-CAkey", str(signer / "ca.key"), "-CAcreateserial")
    _openssl(fresh, "x509", "-req", "-in", "tls.csr", "-out", "tls.crt", *signed_by, "-extfile", "names", "-days", "1")
    (fresh / "ca.crt").write_bytes((signer / "ca.crt").read_bytes())
    for file in ("tls.crt", "tls.key", "ca.crt"):
        (fresh / file).replace(folder / file)
    shutil.rmtree(fresh)
    return folder


_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def _openssl(folder: Path, *arguments: str) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not on PATH: it makes the certificates of this test")
    subprocess.run([openssl, *arguments], cwd=folder, check=True, capture_output=True)
