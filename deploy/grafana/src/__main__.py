"""`python -m deploy.grafana.src` writes the dashboards."""

from pathlib import Path

from deploy.grafana.src.boards import BOARDS
from deploy.grafana.src.frame import text

FOLDER = Path(__file__).parents[1] / "dashboards"

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for board in BOARDS:
        (FOLDER / f"{board.uid}.json").write_text(text(board))
