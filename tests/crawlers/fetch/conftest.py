from collections.abc import Iterator

import pytest

from crawlers.testing import ScriptedSite


@pytest.fixture
def site() -> Iterator[ScriptedSite]:
    with ScriptedSite() as running:
        yield running
