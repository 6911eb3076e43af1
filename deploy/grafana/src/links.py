"""Where panels lead: the other dashboards, at the same time and with the same source of data."""

from deploy.grafana.src.spec import Link

OVERVIEW, POOL, EXPOSURE, HEALTH = "inverse-overview", "inverse-pool", "inverse-exposure", "inverse-health"

_KEPT = "var-datasource=${datasource}&${__url_time_range}"


def _board(title: str, uid: str, rest: str = "") -> Link:
    return Link(title=title, url=f"/d/{uid}?{_KEPT}{rest}")


TO_OVERVIEW = _board("Overview", OVERVIEW)
TO_EXPOSURE = _board("Exposure", EXPOSURE)
TO_HEALTH = _board("Monitor health", HEALTH)
TO_POOL = _board("Pool", POOL)
TO_ALL = (TO_OVERVIEW, TO_POOL, TO_EXPOSURE, TO_HEALTH)
SERIES_TO_POOL = _board("Pool of this series", POOL, "&var-account=${__field.labels.account}&var-coin=${__field.labels.coin}")
ROW_TO_POOL = _board("Pool of this row", POOL, "&var-account=${__data.fields.account}&var-coin=${__data.fields.coin}")
SERIES_TO_OVERVIEW = _board("Pools of this account", OVERVIEW, "&var-account=${__field.labels.account}")
