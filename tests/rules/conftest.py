"""Advisory data for the samples: about one package that does not exist."""

from __future__ import annotations

import pytest

from fumehood.engines.advisories import save
from fumehood.engines.advisories.osv import parsed

RECORD = {
    "id": "PYSEC-2026-0",
    "summary": "A made-up flaw of a made-up package",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "badlab"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
        }
    ],
}


@pytest.fixture(scope="session")
def advisory_cache(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cache") / "fumehood"
    folder.mkdir(mode=0o700)
    advisory = parsed(RECORD)
    assert advisory is not None
    save([advisory], "a test", path=folder / "advisories.sqlite3")
    return folder.parent


@pytest.fixture(autouse=True)
def own_advisories(advisory_cache, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(advisory_cache))
