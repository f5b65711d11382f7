"""Every reason for having no receipt has a sentence of its own."""

from letters.signing.receipt_words import WHY_NONE
from letters.signing.receipts import NoReceipt


def test_each_reason_has_one() -> None:
    assert set(WHY_NONE) == set(NoReceipt.__subclasses__())


def test_no_two_reasons_say_the_same() -> None:
    assert len({sentence._args for sentence in WHY_NONE.values()}) == len(WHY_NONE)
