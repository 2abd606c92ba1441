"""The job worker: sends mails and does the periodic work, in a process of its own."""

import signal
import time
from typing import Any

from flask import Flask
from huey.consumer import Consumer, ConsumerStopped

from portal.lib.db import db
from portal.lib.jobs import huey
from portal.ops import bounces as _bounces  # noqa: F401  (periodic jobs that are the worker's)
from portal.ops import check as _check  # noqa: F401

DRAIN_SECONDS = 8


def work(app: Flask) -> None:
    """Run jobs until SIGTERM, then finish those that run and return."""
    _run_inside(app)
    consumer = Consumer(
        huey, workers=2, periodic=True, max_delay=1.0, shutdown_timeout=DRAIN_SECONDS
    )
    consumer._set_signal_handlers = lambda: None  # SIGTERM is ours

    def stop(_signal: int, _frame: object) -> None:
        consumer.stop_flag.set()

    signal.signal(signal.SIGTERM, stop)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    consumer.start()
    checked = time.monotonic()
    try:
        while True:
            checked = consumer.loop(checked)
    except ConsumerStopped:
        consumer.stop(graceful=True)


def _run_inside(app: Flask) -> None:
    """Give every job what a request has: the app's context and a connection."""
    plain = huey.execute

    def execute(task: Any, timestamp: Any = None) -> Any:
        with app.app_context():
            db.connect(reuse_if_open=True)
            return plain(task, timestamp)

    huey.execute = execute
