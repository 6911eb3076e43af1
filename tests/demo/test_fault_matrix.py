"""Every fault against every simulated venue: never up with wrong data, never flat, always recovering, the right kind of error."""

import pytest

from monitor.demo.exchange import SIMULATED
from monitor.demo.faults import Fault
from monitor.demo.venue import SimulatedVenue
from tests.demo.matrix import EXPECTED, WRONG, expected, trial


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("kind", SIMULATED)
async def test_a_look_under_a_fault_is_the_truth_or_the_right_error_and_recovers(
    kind: type[SimulatedVenue], fault: Fault
) -> None:
    assert await trial(kind, fault) == expected(kind, fault)


def test_every_fault_is_expected_to_be_something() -> None:
    assert EXPECTED.keys() == {*Fault}
    assert WRONG not in EXPECTED.values()
