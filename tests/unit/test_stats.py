"""Counters, and what is counted above them."""

import json

from teamup_async.stats import Meter, Stats


def test_counts_go_up():
    """What a meter counts is counted by those above it too, but for the total, which is one walk's."""
    client = Meter()
    run = Meter(above=client)
    walks = [Meter(above=run), Meter(above=run)]
    for number, walk in enumerate(walks, 1):
        walk.count_page(number, 10)
        walk.count_repair()
        walk.count_detour()

    assert [walk.snapshot() for walk in walks] == [
        Stats(rows=number, pages=1, repairs=1, detours=1, total=10) for number in (1, 2)
    ]
    assert run.snapshot() == client.snapshot() == Stats(rows=3, pages=2, repairs=2, detours=2)
    assert walks[0].chain == (walks[0], run, client)


def test_pages_taken_back():
    """A walk that is begun anew takes back its own pages and no other's; its repairs stay."""
    client = Meter()
    walks = [Meter(above=client), Meter(above=client)]
    for walk in walks:
        walk.count_page(5, None)
        walk.count_repair()
    walks[0].take_back_pages()

    assert walks[0].snapshot() == Stats(repairs=1)
    assert client.snapshot() == Stats(rows=5, pages=1, repairs=2)


def test_sum():
    """Numbers add up, without a total; none make zeros."""
    one, two = Stats(rows=1, waited=0.5, total=7), Stats(rows=2, waited=0.25, throttled=1, total=3)

    assert Stats.sum([one, two]) == Stats(rows=3, waited=0.75, throttled=1)
    assert Stats.sum([]) == Stats()


def test_json():
    """As JSON there is every number, seconds to the millisecond."""
    told = json.loads(json.dumps(Stats(rows=2, waited=0.12345).to_json()))

    assert (told["rows"], told["waited"], told["total"]) == (2, 0.123, None)
    assert Stats(**{**told, "waited": 0.12345}) == Stats(rows=2, waited=0.12345)
