"""Metrics of the monitor itself: ways out, state, scheduler, clocks."""

import platform
from collections.abc import Callable, Iterator

from monitor import __version__
from monitor.picture import ChannelPicture, Picture
from monitor.views.metric import Figure, Labels, Metric, MetricKind

MQTT = "mqtt"
SCHEDULER_EVENTS = ("error", "missed", "max_instances")


def _own(name: str, text: str, of: Callable[[Picture], Figure], kind: MetricKind = MetricKind.GAUGE) -> Metric:
    return Metric(name=f"inverse_{name}", help=text, kind=kind, samples=lambda picture: (({}, of(picture)),))


def _outbox(name: str, text: str, of: Callable[[ChannelPicture], Figure]) -> Metric:
    def samples(picture: Picture) -> Iterator[tuple[Labels, Figure]]:
        return (({"channel": channel.name}, of(channel)) for channel in picture.channels)

    return Metric(name=f"inverse_outbox_{name}", help=text, labels=("channel",), samples=samples)


def _oldest(picture: Picture) -> Iterator[tuple[Labels, Figure]]:
    for channel in picture.channels:
        oldest = channel.backlog.oldest
        yield {"channel": channel.name}, picture.wall(oldest).timestamp() if oldest else None


def _build(_: Picture) -> Iterator[tuple[Labels, Figure]]:
    yield {"version": __version__, "python": platform.python_version()}, 1


def _notifications(picture: Picture) -> Iterator[tuple[Labels, Figure]]:
    for channel in picture.channels:
        for result, count in channel.results.items():
            yield {"channel": channel.name, "result": result}, count


def _mqtt_connected(picture: Picture) -> Figure:
    return next((int(channel.is_connected) for channel in picture.channels if channel.name == MQTT), None)


def _scheduler_events(picture: Picture) -> Iterator[tuple[Labels, Figure]]:
    counted = dict.fromkeys(SCHEDULER_EVENTS, 0) | dict(picture.scheduler_events)
    return (({"event": event}, count) for event, count in counted.items())


def _clock_offsets(picture: Picture) -> Iterator[tuple[Labels, Figure]]:
    return (({"venue": venue}, offset) for venue, offset in picture.venue_clock_offsets.items())


PROCESS_METRICS = (
    Metric(
        name="inverse_build_info",
        help="The version that runs.",
        kind=MetricKind.INFO,
        labels=("version", "python"),
        samples=_build,
    ),
    _outbox("pending", "Messages that wait for their receiver's acknowledgement.", lambda c: c.backlog.pending),
    Metric(
        name="inverse_outbox_oldest_timestamp_seconds",
        help="Since when the oldest of them has waited; no row: none waits.",
        labels=("channel",),
        samples=_oldest,
    ),
    Metric(
        name="inverse_notifications_total",
        help="Attempts to deliver a message, by how they ended.",
        kind=MetricKind.COUNTER,
        labels=("channel", "result"),
        samples=_notifications,
    ),
    _own("mqtt_connected", "1 while the broker is connected, else 0; no row: none is configured.", _mqtt_connected),
    _own("store_up", "1 while state can be written to disk, else 0.", lambda p: int(p.store_fault is None)),
    Metric(
        name="inverse_scheduler_events_total",
        help="Polls that the scheduler could not run as planned.",
        kind=MetricKind.COUNTER,
        labels=("event",),
        samples=_scheduler_events,
    ),
    _own("clock_steps_total", "How often the wall clock was set.", lambda p: p.clock_steps, MetricKind.COUNTER),
    Metric(
        name="inverse_venue_clock_offset_seconds",
        help="The venue's clock less ours.",
        labels=("venue",),
        samples=_clock_offsets,
    ),
    _own("event_loop_lag_seconds", "How late the event loop last was.", lambda p: p.loop_lag_seconds),
)
