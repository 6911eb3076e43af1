"""A matcher is read as it is written."""

import pytest

from monitor.core.alerts.matcher import matcher_text, read_matcher


def test_pairs_are_read_and_written() -> None:
    read = read_matcher("account=main, rule=liquidation_*,subject=BTC-USD_BTC-long")
    assert read == (("account", "main"), ("rule", "liquidation_*"), ("subject", "BTC-USD_BTC-long"))
    assert read_matcher(matcher_text(read)) == read


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "key=glob"),
        ("main", "key=glob"),
        ("level=critical", "key=glob"),
        ("account=a,account=b", "account stands twice"),
        ("account=", "account needs a name"),
        ("account=a b", "account needs a name"),
    ],
)
def test_what_is_none_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        read_matcher(text)
