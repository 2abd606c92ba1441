"""One clock, that can be set back for what a demo shop did long ago."""

from datetime import timedelta

import pytest

from portal.lib.clock import now, set_back


def test_what_is_done_inside_happened_that_long_ago() -> None:
    with set_back(timedelta(days=7)):
        then = now()
    assert timedelta(days=7) <= now() - then < timedelta(days=7, seconds=5)


def test_the_clock_goes_right_again_after_a_fault() -> None:
    before = now()
    with pytest.raises(LookupError), set_back(timedelta(days=7)):
        raise LookupError
    assert now() >= before
