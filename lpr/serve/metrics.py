"""What the service counts, for Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
_BATCH = (1, 2, 4, 8, 16)


class Metrics:
    """Counters of one service, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "lpr_requests", "Requests that were answered, or whose client went", ["path", "status"],
            registry=self.registry,
        )  # fmt: skip
        self.seconds = Histogram(
            "lpr_request_seconds", "Time from a request's head to its answer's end", ["path"], buckets=_SECONDS,
            registry=self.registry,
        )  # fmt: skip
        self.photos = Counter("lpr_photos", "Photos that were read, or refused", ["outcome"], registry=self.registry)
        self.plates = Counter("lpr_plates", "Plates that were read", registry=self.registry)
        self.queue = Gauge("lpr_queue_photos", "Photos that wait or are being read", registry=self.registry)
        self.batch = Histogram("lpr_batch_photos", "Photos read together", buckets=_BATCH, registry=self.registry)
        self.batch_seconds = Histogram(
            "lpr_batch_seconds", "Time of reading a batch", buckets=_SECONDS, registry=self.registry
        )
        self.model = Gauge(
            "lpr_model_info", "1 for the models in use", ["version", "detector", "ocr"], registry=self.registry
        )
        self.updates = Counter("lpr_model_updates", "Looks for newer models", ["outcome"], registry=self.registry)

    def use(self, version: str, detector: str, ocr: str) -> None:
        """Note which models are in use: their version and the SHA-256 of both files."""
        self.model.clear()
        self.model.labels(version, detector, ocr).set(1)

    def text(self) -> bytes:
        """Return all of it as Prometheus reads it."""
        return generate_latest(self.registry)
