# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Settings that take the place of a model's own."""

from pathlib import Path

import pytest
import yaml
from argosy.fleet.v1.worker_pb2 import GoldenSample, ModelSettings, VersionList, VersionPolicy
from argosy_worker.pulling import overrides
from argosy_worker.pulling.source import PullFailed
from argosy_worker.repository import scan
from argosy_worker.repository.schema import ModelConfig

EVERY = ModelSettings(
    max_batch_size=8,
    max_delay_ms=1.5,
    max_queue=64,
    max_items=16,
    gpu_memory_mb=512,
    version_policy=VersionPolicy(listed=VersionList(versions=[1, 3])),
    golden=[GoldenSample(file="golden/a.json", tolerance=0.5, versions=[1]), GoldenSample(file="b.json")],
)


def test_every_setting_is_one_that_model_yaml_knows() -> None:
    config = ModelConfig.model_validate(overrides.settings(EVERY))
    assert (config.batching.max_batch_size, config.batching.max_delay_ms, config.batching.max_queue) == (8, 1.5, 64)
    assert (config.max_items, config.execution.gpu_mem_limit_mb) == (16, 512)
    assert config.version_policy.listed == [1, 3]
    assert [(sample.file, sample.tolerance, sample.versions) for sample in config.golden] == [
        ("golden/a.json", 0.5, [1]),
        ("b.json", 1e-4, None),
    ]
    assert overrides.settings(ModelSettings()) == {}
    assert overrides.settings(ModelSettings(max_batch_size=0)) == {"batching": {"max_batch_size": 0}}


def test_settings_take_the_place_of_the_models_own_and_leave_the_rest(tmp_path: Path) -> None:
    (tmp_path / "model.yaml").write_text(
        "description: 'Ziffern: ö'\nbatching: {max_batch_size: 32, max_queue: 7}\nversion_policy: {latest: 2}\n"
        "provenance: {date: '2026-01-02'}\n"
    )
    (tmp_path / "1").mkdir()
    overrides.apply(tmp_path, {"batching": {"max_batch_size": 4}, "version_policy": {"all": True}})
    config = scan.read(tmp_path.parent, tmp_path.name).config
    assert (config.batching.max_batch_size, config.batching.max_queue) == (4, 7)
    assert (config.version_policy.all, config.version_policy.latest) == (True, None)
    assert (config.description, config.provenance.date) == ("Ziffern: ö", "2026-01-02")


def test_settings_that_are_taken_back_leave_the_models_own(tmp_path: Path) -> None:
    text = "# as it came\nmax_items: 3\n"
    (tmp_path / "model.yaml").write_text(text)
    overrides.apply(tmp_path, {"max_items": 5})
    assert yaml.safe_load((tmp_path / "model.yaml").read_text()) == {"max_items": 5}
    overrides.apply(tmp_path, {})
    assert (tmp_path / "model.yaml").read_text() == text


def test_a_model_without_model_yaml_may_have_settings(tmp_path: Path) -> None:
    overrides.apply(tmp_path, {"max_items": 5})
    assert yaml.safe_load((tmp_path / "model.yaml").read_text()) == {"max_items": 5}
    overrides.apply(tmp_path, {})
    assert not (tmp_path / "model.yaml").exists()


@pytest.mark.parametrize("text", ["a: [", "- a\n"])
def test_a_model_yaml_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "model.yaml").write_text(text)
    with pytest.raises(PullFailed, match=r"model\.yaml"):
        overrides.apply(tmp_path, {"max_items": 5})


@pytest.mark.parametrize("wanted", [{}, {"max_items": 5}])
def test_a_model_yaml_that_is_no_text_is_refused(tmp_path: Path, wanted: dict[str, int]) -> None:
    (tmp_path / "model.yaml").write_bytes(b"description: \xff\n")
    with pytest.raises(PullFailed, match=r"model\.yaml: not in UTF-8"):
        overrides.apply(tmp_path, wanted)
