"""All dashboards."""

from deploy.grafana.src.exposure import EXPOSURE_BOARD
from deploy.grafana.src.health import HEALTH_BOARD
from deploy.grafana.src.overview import OVERVIEW_BOARD
from deploy.grafana.src.pool import POOL_BOARD

BOARDS = (OVERVIEW_BOARD, POOL_BOARD, EXPOSURE_BOARD, HEALTH_BOARD)
