"""How log lines look: one event name, key=value, UTC; JSON when a machine reads them."""

import os

import structlog


def configure() -> None:
    """`QINTONG_LOG=json` for a collector, else for a terminal. Tracebacks never print local values."""
    renderer: structlog.typing.Processor
    if os.environ.get("QINTONG_LOG") == "json":
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
        exceptions = [structlog.processors.format_exc_info]
    else:
        renderer = structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
        exceptions = []
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *exceptions,
            renderer,
        ],
        cache_logger_on_first_use=True,
    )
