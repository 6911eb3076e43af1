import pytest

from monitor.demo.exchange import SIMULATED
from monitor.demo.form import Forms
from monitor.demo.venue import SimulatedVenue


def test_a_form_keeps_every_key_that_is_not_written_over() -> None:
    row = Forms("bybit").fill("position", symbol="BTCUSD", size="5")
    assert (row["symbol"], row["size"], row["positionStatus"]) == ("BTCUSD", "5", "Normal")
    assert Forms("bybit").fill("position")["symbol"] == ""


def test_a_key_that_the_venue_does_not_have_is_a_mistake() -> None:
    with pytest.raises(KeyError, match="bybit's form position has no sise"):
        Forms("bybit").fill("position", sise="5")


@pytest.mark.parametrize("kind", SIMULATED)
def test_every_venue_has_a_form_file_of_its_id(kind: type[SimulatedVenue]) -> None:
    with pytest.raises(KeyError, match="no-such-form"):
        Forms(kind.id).fill("no-such-form")
