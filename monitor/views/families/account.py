"""Metrics of an account: they stay whatever happens to it."""

from collections.abc import Callable, Iterator

from monitor.picture import AccountPicture, Picture
from monitor.ports import ErrorKind
from monitor.views.metric import Figure, Labels, Metric, MetricKind, Samples

ACCOUNT_LABELS = ("account", "venue")


def account_labels(account: AccountPicture) -> Labels:
    """Return what every row about *account* or anything in it carries."""
    return {"account": account.name, "venue": account.venue}


def _figure(name: str, text: str, of: Callable[[AccountPicture], Figure]) -> Metric:
    def samples(picture: Picture) -> Samples:
        return ((account_labels(account), of(account)) for account in picture.accounts)

    return Metric(name=f"inverse_account_{name}", help=text, labels=ACCOUNT_LABELS, samples=samples)


def _successes(picture: Picture) -> Iterator[tuple[Labels, Figure]]:
    for account in picture.accounts:
        yield account_labels(account), picture.wall(account.last_success).timestamp() if account.last_success else None


def _errors(picture: Picture) -> Iterator[tuple[Labels, Figure]]:
    for account in picture.accounts:
        for kind in ErrorKind:
            yield {**account_labels(account), "kind": kind.value}, account.errors.get(kind, 0)


def _info(picture: Picture) -> Iterator[tuple[Labels, Figure]]:
    for account in picture.accounts:
        yield {**account.labels, **account_labels(account)}, 1


ACCOUNT_METRICS = (
    _figure("up", "1 while the account's validated data are younger than 3 intervals, else 0.", lambda a: int(a.is_up)),
    Metric(
        name="inverse_account_last_success_timestamp_seconds",
        help="When the last validated reading came in.",
        labels=ACCOUNT_LABELS,
        samples=_successes,
    ),
    _figure("poll_duration_seconds", "How long the last poll took, well or badly.", lambda a: a.poll_seconds),
    Metric(
        name="inverse_account_poll_errors_total",
        help="Polls that failed, by what can be done about it.",
        kind=MetricKind.COUNTER,
        labels=(*ACCOUNT_LABELS, "kind"),
        samples=_errors,
    ),
    Metric(
        name="inverse_account_info",
        help="The labels that the configuration gives the account.",
        kind=MetricKind.INFO,
        labels=ACCOUNT_LABELS,
        samples=_info,
    ),
)
