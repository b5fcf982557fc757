"""Logs: one JSON object a line on standard output. What is logged is chosen: names of events and ids, never a message's content."""

import logging.config
from typing import Any

import structlog


def configure(settings: dict[str, Any]) -> None:
    """Called by Django with `settings.LOGGING` ({"level": str, "json": bool})."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=True) if settings["json"] else structlog.dev.ConsoleRenderer()
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "line": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": [*shared, _without_task_values],
                    "pass_foreign_args": True,
                    "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, without_values, renderer],
                }
            },
            "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "line"}},
            "root": {"handlers": ["stdout"], "level": settings["level"]},
            "loggers": {
                # Django's 404 lines carry the path that was typed; a person's number could stand there.
                "django.request": {"level": "ERROR"},
                "django.security.DisallowedHost": {"level": "CRITICAL"},
                "httpx": {"level": "WARNING"},
                "httpcore": {"level": "WARNING"},
                "psycopg": {"level": "ERROR"},
            },
        }
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _without_task_values(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Celery writes a failed task's exception into the message itself: its name and id are kept, the text is not."""
    args = event.pop("positional_args", None)
    record = event["_record"]
    if record.name == "celery.app.trace" and isinstance(args, dict):
        event["event"] = str(record.msg)
        event["task"], event["task_id"] = args.get("name"), args.get("id")
    return event


def without_values(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """An exception becomes its type and the places it passed, never its text: PostgreSQL and pydantic quote the offending values there."""
    info = event.pop("exc_info", None)
    if not info:
        return event
    if info is True:
        import sys

        info = sys.exc_info()
    error = info if isinstance(info, BaseException) else info[1]
    if error is None:
        return event
    places = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 2)[-2]}/{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    event["error"] = type(error).__name__
    event["trace"] = places[-15:]
    return event
