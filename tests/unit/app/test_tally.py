from gateway.flows.tally import OTHER, Counted, Tally, Timed


def test_what_is_counted_is_kept_by_its_labels() -> None:
    tally = Tally()
    for reason in ("P-S47", "P-S47", "D-WITHDRAWN"):
        tally.count(Counted.DECIDED, "PERMIT", reason)

    assert tally.counts(Counted.DECIDED) == {("PERMIT", "P-S47"): 2, ("PERMIT", "D-WITHDRAWN"): 1}


def test_durations_are_kept_under_their_bounds() -> None:
    tally = Tally()
    for seconds in (0.005, 0.05, 60.0):
        tally.time(Timed.HANDOVER, "barnet-mash", seconds=seconds)

    under, total = tally.times(Timed.HANDOVER)[("barnet-mash",)]
    assert under == (1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3)
    assert round(total, 3) == 60.055


def test_labels_without_end_become_one() -> None:
    tally = Tally()
    for number in range(5000):
        tally.count(Counted.HANDED_OVER, "barnet-mash", str(number))

    kept = tally.counts(Counted.HANDED_OVER)
    assert len(kept) == 2001
    assert kept[OTHER, OTHER] == 3000
