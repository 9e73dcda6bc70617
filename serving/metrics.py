"""Figures for Prometheus. Labels are routes, methods and versions: never anything of a record."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Metrics:
    """The service's figures, in a registry of their own: two services may share a process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "secondlook_requests",
            "Requests answered.",
            ("route", "method", "status"),
            registry=self._registry,
        )
        self.seconds = Histogram(
            "secondlook_request_seconds",
            "Time to answer a request.",
            ("route", "method"),
            registry=self._registry,
        )
        self.suggestions = Counter(
            "secondlook_suggestions", "Suggestions given.", registry=self._registry
        )
        self.flags = Counter(
            "secondlook_flags",
            "Recorded values looked at.",
            ("flagged",),
            registry=self._registry,
        )
        self.decisions = Counter(
            "secondlook_decisions", "Decisions recorded.", ("verdict",), registry=self._registry
        )
        self.waiting = Gauge(
            "secondlook_second_looks_waiting",
            "Dismissed allegations that wait in the current ranking.",
            registry=self._registry,
        )
        self.ranking = Gauge(
            "secondlook_ranking_version", "The current ranking.", registry=self._registry
        )
        self.model = Gauge(
            "secondlook_model_loaded", "Whether a model is in service.", registry=self._registry
        )

    def text(self) -> bytes:
        """Give every figure in Prometheus' text format."""
        return generate_latest(self._registry)
