"""The thinnest path through every room."""

from tests.parts.campaign import Campaign


def test_a_letter_is_signed_verified_counted_and_read(campaign: Campaign) -> None:
    private = campaign.join(1, display="pseudonym")
    campaign.join(2, display="named", name="Vera Example")
    campaign.join(3)
    assert campaign.release().total == 3
    listed = campaign.client.get("/en/letters/stop-the-violence/signatories").text
    assert "Vera Example" in listed
    count = campaign.client.get("/api/v1/letters/stop-the-violence/count").get_json()
    assert count["total"] == 3
    campaign.client.post(private, data={"withdraw": "1"})
    assert campaign.release().total == 2
