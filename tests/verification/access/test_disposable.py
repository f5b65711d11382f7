"""Which domains hand out mailboxes for minutes."""

import pytest

from verification.access.disposable import is_disposable


@pytest.mark.parametrize("domain", ["yopmail.com", "mail.yopmail.com", "a.b.yopmail.com"])
def test_a_domain_on_the_list_and_what_is_below_it_is_disposable(domain: str) -> None:
    assert is_disposable(domain)


@pytest.mark.parametrize(
    "domain", ["gmail.com", "example.org", "mail.ru", "com", "notyopmail.com", "yopmail.com.example"]
)
def test_others_are_not(domain: str) -> None:
    assert not is_disposable(domain)
