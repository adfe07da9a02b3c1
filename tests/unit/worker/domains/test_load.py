# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Domains are found by name, and say what to install."""

import sys

import pytest
from argosy_worker import domains
from argosy_worker.errors import ModelInvalid
from argosy_worker.repository.sections import DOMAIN_METHODS


@pytest.mark.parametrize("name", domains.NAMES)
def test_each_domain_serves_the_methods_of_its_service(name: str) -> None:
    domain = domains.load(name)

    assert domain.name == name
    assert {*domain.methods, *domain.streams} == set(DOMAIN_METHODS[name]) <= set(domain.service.methods_by_name)


def test_an_unknown_domain_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ModelInvalid, match=r"unknown domain 'audio'.*vision, speech, nlp, recommendation, tabular"):
        domains.load("audio")


@pytest.mark.parametrize(("name", "library"), [("vision", "cv2"), ("speech", "soundfile"), ("speech", "soxr")])
def test_a_missing_library_is_one_line_that_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, name: str, library: str
) -> None:
    for module in [module for module in sys.modules if module.startswith(f"argosy_worker.domains.{name}")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, library, None)

    with pytest.raises(ModelInvalid) as caught:
        domains.load(name)

    assert f"pip install 'argosy[{name}]'" in str(caught.value)
    assert "\n" not in str(caught.value)
