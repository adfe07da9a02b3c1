# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How this machine reaches registries, and package indexes: a build is handed that as secrets, so no layer holds it."""

import ipaddress
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

_PASSED_ON = ("index-url", "extra-index-url", "trusted-host", "proxy", "timeout")
_GO = ("GOPROXY", "GOSUMDB", "GONOSUMDB", "GONOPROXY", "GOPRIVATE")


@contextmanager
def build_secrets() -> Iterator[dict[str, Path]]:
    """Files of the secrets that the Dockerfiles name, for the time of a build; what is not set here is empty."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    settings = read(listed.stdout)
    path = certificates(settings, os.environ)
    with tempfile.TemporaryDirectory() as folder:
        secrets = {name: Path(folder) / name for name in ("pip_config", "pip_certificates", "go_settings")}
        secrets["pip_config"].write_text(configuration(settings), encoding="utf-8")
        secrets["pip_certificates"].write_bytes(path.read_bytes() if path else b"")
        secrets["go_settings"].write_text(go_settings(os.environ), encoding="utf-8")
        yield secrets


def read(listed: str) -> dict[str, str]:
    """Reads what ``pip config list`` printed; variables win over files."""
    settings: dict[str, str] = {}
    for section in ("global", ":env:"):
        for line in listed.splitlines():
            name, _, value = line.partition("=")
            if name.startswith(f"{section}."):
                settings[name.removeprefix(f"{section}.")] = value.strip("'\"").replace("\\n", " ").strip()
    return settings


def configuration(settings: Mapping[str, str]) -> str:
    """What a build needs of pip's settings, as a file."""
    return "[global]\n" + "".join(f"{name} = {settings[name]}\n" for name in _PASSED_ON if name in settings)


def certificates(settings: Mapping[str, str], environment: Mapping[str, str]) -> Path | None:
    """The certificates that pip trusts here; None where it trusts those that it brings."""
    path = settings.get("cert") or environment.get("REQUESTS_CA_BUNDLE") or environment.get("SSL_CERT_FILE")
    return Path(path) if path else None


def go_settings(environment: Mapping[str, str]) -> str:
    """Where Go finds modules, as assignments of a shell; empty where nothing was said."""
    return "".join(f"{name}={shlex.quote(environment[name])}\n" for name in _GO if name in environment)


def on_this_machine(registry: str) -> bool:
    """Whether a registry such as "127.0.0.1:5000/team" is on loopback, where it needs no certificate."""
    host = urlsplit(f"//{registry}").hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
