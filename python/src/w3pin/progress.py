"""Progress bars, for ``progress=`` of uploads and ``on_progress=`` of fetches.

>>> bar = tqdm(disable=True)
>>> client.pin_file("report.txt", progress=bar).status
'PENDING'
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from w3pin._models import FetchProgress, Progress

__all__ = ["rich", "tqdm"]


def tqdm(**options: Any) -> Callable[[Progress | FetchProgress], None]:
    """A bar of the tqdm library, if it is installed.

    Args:
        options: Those of ``tqdm.tqdm``, as ``desc`` and ``leave``.
    """
    from tqdm.auto import tqdm as make_bar

    bars: list[Any] = []

    def show(progress: Progress | FetchProgress) -> None:
        if not bars:
            usual = {"unit": "B", "unit_scale": True, "unit_divisor": 1024}
            bars.append(make_bar(total=progress.bytes_total, **{**usual, **options}))
        bar = bars[0]
        done = _done(progress)
        bar.update(done - bar.n)
        if done == progress.bytes_total:
            bar.close()
            bars.clear()

    return show


def rich(
    description: str = "Pinning", **options: Any
) -> Callable[[Progress | FetchProgress], None]:
    """A bar of the rich library, if it is installed.

    Args:
        description: What stands before the bar.
        options: Those of ``rich.progress.Progress``, as ``console`` and ``transient``.
    """
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.progress import Progress as Display

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    displays: list[Display] = []

    def show(progress: Progress | FetchProgress) -> None:
        if not displays:
            displays.append(Display(*columns, **options))
            displays[0].add_task(description, total=progress.bytes_total)
            displays[0].start()
        display = displays[0]
        task = display.tasks[0].id
        done = _done(progress)
        display.update(task, completed=done, total=progress.bytes_total)
        if done == progress.bytes_total:
            display.stop()
            displays.clear()

    return show


def _done(progress: Progress | FetchProgress) -> int:
    sent: int | None = getattr(progress, "bytes_sent", None)
    return progress.bytes if sent is None else sent  # type: ignore[union-attr]
