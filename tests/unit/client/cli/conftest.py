# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable

import pytest
from argosy_client.cli.app import app
from typer.testing import CliRunner, Result

from tests.unit.client.fake_fleet import FakeFleet

#: Runs the command line against the fake fleet: ``argosy("models", "--json")``.
Argosy = Callable[..., Result]


@pytest.fixture
def argosy(fleet: FakeFleet) -> Argosy:
    def run(*arguments: object) -> Result:
        result = CliRunner().invoke(
            app, [str(one) for one in arguments], env={"ARGOSY_ADDRESS": fleet.address, "NO_COLOR": "1"}
        )
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return run
