"""The front desk: known pages come back as bytes, and never to the wrong reader or after a change."""

import pytest

from letters.app import create_app
from tests.letters.signing.asking import change_letter, show
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def test_a_page_answered_again_has_the_same_bytes_and_headers(campaign: Campaign) -> None:
    url = f"/letters/{campaign.slug}"
    answers = [campaign.client.get(url, headers={"Accept-Language": "be"}) for _ in range(3)]
    assert {(answer.data, str(answer.headers)) for answer in answers} == {(answers[0].data, str(answers[0].headers))}


def test_readers_of_different_languages_get_their_own(campaign: Campaign) -> None:
    url = f"/letters/{campaign.slug}"
    for _twice in range(2):
        for language in ("ru", "be", "en"):
            assert show(campaign.client.get(url, headers={"Accept-Language": language})).language == language


def test_a_letter_that_closes_by_the_clock_is_closed_for_the_next_reader(campaign: Campaign, clock: Clock) -> None:
    change_letter(campaign, closes_at=clock.now.replace(hour=clock.now.hour + 1))
    url = f"/en/letters/{campaign.slug}"
    assert 'name="email"' in campaign.client.get(url).text
    clock.advance(hours=1)
    assert 'name="email"' not in campaign.client.get(url).text


def test_what_is_not_there_yet_is_found_once_it_is(campaign: Campaign) -> None:
    url = f"/en/letters/{campaign.slug}/editions/1"
    assert campaign.client.get(url).status_code == 404
    campaign.join(1)
    campaign.release()
    assert campaign.client.get(url).status_code == 200


def test_another_process_answers_with_the_same_bytes(campaign: Campaign) -> None:
    other = create_app(campaign.runtime).test_client()
    for path in ("/en/", f"/en/letters/{campaign.slug}", f"/api/v1/letters/{campaign.slug}"):
        one, two = campaign.client.get(path), other.get(path)
        assert (one.data, one.headers["ETag"]) == (two.data, two.headers["ETag"])


@pytest.mark.parametrize("path", ["/en/letters/{}", "/letters/{}/count", "/api/v1/letters/{}", "/letters/{}/badge.svg"])
def test_each_encoding_is_kept_for_itself_and_head_says_what_get_says(campaign: Campaign, path: str) -> None:
    url = path.format(campaign.slug)
    for accepted in ("br, gzip", "gzip", "", "gzip", "br, gzip", ""):
        asked = {"Accept-Encoding": accepted}
        full, head = campaign.client.get(url, headers=asked), campaign.client.head(url, headers=asked)
        assert full.headers.get("Content-Encoding") in (accepted.partition(",")[0] or None, None)
        assert (head.status_code, head.data, str(head.headers)) == (200, b"", str(full.headers))
        etag = full.headers["ETag"]
        again = campaign.client.get(url, headers={**asked, "If-None-Match": f'"other", W/{etag}'})
        head_again = campaign.client.head(url, headers={**asked, "If-None-Match": etag})
        assert (again.status_code, again.data, head_again.status_code) == (304, b"", 304)
        assert {"Content-Encoding", "Content-Length", "Content-Type"}.isdisjoint(again.headers.keys())
        assert str(again.headers) == str(head_again.headers)


def test_encodings_of_one_page_have_etags_of_their_own(campaign: Campaign) -> None:
    url = f"/en/letters/{campaign.slug}"
    answers = [campaign.client.get(url, headers={"Accept-Encoding": accepted}) for accepted in ("br", "gzip", "")]
    assert len({answer.headers["ETag"] for answer in answers}) == 3
    assert [answer.headers.get("Content-Encoding") for answer in answers] == ["br", "gzip", None]


def test_a_page_about_a_person_is_never_compressed(campaign: Campaign) -> None:
    private = campaign.join(1)
    for path in (private, f"/en/letters/{campaign.slug}/signatories?q=a", "/nowhere"):
        answer = campaign.client.get(path, headers={"Accept-Encoding": "br, gzip"})
        assert "Content-Encoding" not in answer.headers, path
