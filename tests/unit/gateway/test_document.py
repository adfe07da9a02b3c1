# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import pytest
from argosy_gateway import document
from argosy_gateway.document import DocumentError

GOOD = """
workers:
  - domain: vision
    address: 127.0.0.1:8101
    repository: models/vision
    metrics: 127.0.0.1:9101
  - {domain: nlp, address: "[::1]:8102"}
models:
  digits: {labels: {stable: 1, canary: 2}}
"""


def test_a_full_document_is_read() -> None:
    fleet = document.parse(GOOD, "fleet.yaml")
    assert [(worker.domain, worker.address) for worker in fleet.workers] == [
        ("vision", "127.0.0.1:8101"),
        ("nlp", "[::1]:8102"),
    ]
    assert fleet.workers[0].repository == "models/vision"
    assert fleet.models["digits"].labels == {"stable": 1, "canary": 2}
    assert fleet.domains == ("nlp", "vision")


WORKER = "workers: [{domain: vision, address: '127.0.0.1:1'}]\n"


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("", "f", "is empty"),
        ("workers:\n", "f:1: workers:", "list"),
        ("workers: []\n", "f:1: workers:", "at least 1"),
        ("- x\n", "f:1: document:", "dictionary"),
        ("workers:\n  - domain: visoin\n    address: 127.0.0.1:1\n", "f:2: workers[0].domain:", "vision"),
        ("workers:\n  - domain: vision\n", "f:2: workers[0].address:", "required"),
        ("workers:\n  - domain: vision\n    adress: 127.0.0.1:1\n", "f:3: workers[0].adress:", "no such key"),
        ("workers:\n  - domain: vision\n    address: localhost:1\n", "f:3: workers[0].address:", "IP address"),
        ("workers:\n  - domain: vision\n    address: 127.0.0.1\n", "f:3: workers[0].address:", "IP address"),
        ("workers:\n  - domain: vision\n    address: 127.0.0.1:0\n", "f:3: workers[0].address:", "port"),
        ("workers:\n  - domain: vision\n    address: 127.0.0.1:65536\n", "f:3: workers[0].address:", "port"),
        ("workers: &all\n  - *all\n", "f:2:", "aliases are not allowed"),
        ("[" * 5000, "f:", "nested too deeply"),
        ("workers:\n  - domain: vision\n    domain: nlp\n", "f:3: workers[0].domain:", "given twice"),
        ("workers: [\n", "f:2:", ""),
        ("a: !!python/name:os.system x\n", "f:1:", "python"),
        ("? [a]\n: b\n", "f:1: document:", "plain text"),
        (WORKER + "extra: 1\n", "f:2: extra:", "no such key"),
        (WORKER + "models:\n  digits:\n    labels: {stable: one}\n", "f:4: models.digits.labels.stable:", "integer"),
        (WORKER + "models:\n  digits:\n    labels: {stable: 0}\n", "f:4: models.digits.labels.stable:", "1"),
        (WORKER + "models:\n  digits:\n    labels: {'1st': 1}\n", "f:4: models.digits.labels.1st:", "pattern"),
        (WORKER + "models:\n  a/b: {}\n", "f:3: models.a/b:", "pattern"),
        (
            "workers:\n- {domain: vision, address: '127.0.0.1:1'}\n- {domain: nlp, address: '127.0.0.1:1'}\n",
            "f:1: document:",
            "two workers have the address 127.0.0.1:1",
        ),
    ],
)
def test_an_unusable_document_is_refused_by_file_line_and_key(text: str, where: str, what: str) -> None:
    with pytest.raises(DocumentError) as refused:
        document.parse(text, "f")
    assert str(refused.value).startswith(where)
    assert what in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_missing_file_is_named(tmp_path) -> None:
    with pytest.raises(DocumentError, match=r"none\.yaml: cannot be read: No such file"):
        document.load(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"\xff")
    with pytest.raises(DocumentError, match="not UTF-8"):
        document.load(tmp_path / "latin.yaml")
