"""The models that the service reads with, and their replacement by newer ones while it runs."""

from __future__ import annotations

import logging
import tempfile
import threading
from pathlib import Path

from lpr.base.errors import LprError
from lpr.serve.loaded import Loaded, load
from lpr.serve.metrics import Metrics
from lpr.serve.sources import Source, need_gates

_log = logging.getLogger(__name__)


class Models:
    """Holds the models in use. `current` may be asked for from any thread.

    Args:
        source: where they come from.
        metrics: where to count.
        threads: of the models; None: every core.

    Raises:
        LprError: there are none, or they cannot be used.
    """

    def __init__(self, source: Source, metrics: Metrics, threads: int | None = None) -> None:
        self._source = source
        self._metrics = metrics
        self._threads = threads
        self._alone = threading.Lock()
        self._key = source.newest()
        self._refused: str | None = None
        self._use(self._load(self._key, first=True))

    def current(self) -> Loaded:
        """Return the models in use."""
        return self._current

    def update(self) -> bool:
        """Look for newer models and take them if they may be; return whether they are in use now.

        Whatever is wrong with them is logged, and those in use stay. To be called beside the service's own thread.
        """
        with self._alone:
            try:
                key = self._source.newest()
                if key == self._key:
                    _log.info("no newer models than %s", self._current.version)
                    self._metrics.updates.labels("none").inc()
                    return False
                if key == self._refused:
                    self._metrics.updates.labels("refused").inc()
                    return False
                self._refused = key  # until it is in use
                self._use(self._load(key, first=False))
            except LprError as error:
                _log.error("models stay at %s: %s", self._current.version, error)
                self._metrics.updates.labels("refused").inc()
                return False
            except Exception:
                _log.exception("models stay at %s", self._current.version)
                self._metrics.updates.labels("refused").inc()
                return False
            self._key, self._refused = key, None
            self._metrics.updates.labels("taken").inc()
            _log.info("models are %s now, from %s", self._current.version, self._current.origin)
            return True

    def forget_refusals(self) -> None:
        """Try models again that were refused, at the next `update`: somebody says that they have been mended."""
        self._refused = None

    def _load(self, key: str, first: bool) -> Loaded:
        # A copy of our own: what is verified is what is opened, whoever writes at the source meanwhile.
        with tempfile.TemporaryDirectory(prefix="lpr-serve-") as name:
            folder = Path(name) / "models"
            folder.mkdir()
            brought = self._source.bring(key, folder)
            if not first and not self._source.published:
                need_gates(folder, brought.origin)
            return load(folder, brought.version, brought.message, brought.origin, self._threads)

    def _use(self, loaded: Loaded) -> None:
        self._current = loaded
        self._metrics.use(loaded.version, loaded.hashes["detector.onnx"], loaded.hashes["ocr.onnx"])
