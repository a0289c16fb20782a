"""A real Chromium, driven by Playwright, for tests of pages."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


@contextmanager
def chromium(wait_ms: int = 60_000) -> Iterator[Any]:
    """Start the browser; what a test expects of a page may take `wait_ms`. Without it the test is skipped."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("chromium is missing: apt-get install chromium")
    if importlib.util.find_spec("playwright") is None:
        pytest.skip("playwright is missing: pip install -r requirements.txt")
    from playwright import sync_api

    sync_api.expect.set_options(timeout=wait_ms)
    with sync_api.sync_playwright() as driver:
        # Chromium's own sandbox does not start for root, and the pages are ours.
        started = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


def is_dark(page: Any) -> bool:
    """Return whether a page's text is lighter than its ground, by the red of each."""
    ground, ink = page.evaluate(
        "() => { const s = getComputedStyle(document.body); return [s.backgroundColor, s.color].map("
        "(text) => Number(text.match(/\\d+/)[0])); }"
    )
    return bool(ground < ink)
