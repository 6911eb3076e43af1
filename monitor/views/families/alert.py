"""Metrics of alerts: a subject that has been other than ok keeps its row."""

from collections.abc import Callable, Iterator

from monitor.core.alerts.alert import Alert
from monitor.core.rules.finding import Level
from monitor.picture import Picture
from monitor.views.metric import Figure, Labels, Metric
from monitor.wire.topics import shown

ALERT_LABELS = ("account", "venue", "rule", "subject")


def _figure(name: str, text: str, of: Callable[[Alert], Figure]) -> Metric:
    def samples(picture: Picture) -> Iterator[tuple[Labels, Figure]]:
        return ((_labels(alert), of(alert)) for alert in shown(picture.alerts))

    return Metric(name=f"inverse_alert_{name}", help=text, labels=ALERT_LABELS, samples=samples)


def _labels(alert: Alert) -> Labels:
    return {"account": alert.key.account, "venue": alert.venue, "rule": alert.key.rule, "subject": alert.key.subject}


ALERT_METRICS = (
    _figure("level", "0 ok, 1 warning, 2 critical, 3 emergency.", lambda a: int(a.level) if a.is_firing else int(Level.OK)),
    _figure("acked", "1 while somebody has acknowledged the alert, else 0.", lambda a: int(a.is_acked)),
)
