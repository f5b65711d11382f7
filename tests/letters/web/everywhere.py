"""One address of every page there is, on a letter where everything has happened."""

from dataclasses import dataclass

from tests.letters.signing.asking import send
from tests.parts.campaign import Campaign
from verification.mailbox.tokens import Purpose


@dataclass(frozen=True)
class Links:
    """The links that people of the letter hold."""

    waiting: str
    spent: str
    signed: str
    private: str


def busy(campaign: Campaign) -> Links:
    """Let people sign, confirm, be released and wait."""
    private = campaign.join(1, display="named")
    campaign.join(2, display="pseudonym", updates="1")
    campaign.release()
    send(campaign, {"email": "waiting@example.org"})
    campaign.send_mail()
    send(campaign, {"email": "unsent@example.org", "updates": "1"})
    spent = campaign.links("signer1@example.org")[0]
    return Links(campaign.links("waiting@example.org")[0], spent, campaign.confirm(spent).location, private)


def every_address(campaign: Campaign, links: Links) -> list[str]:
    """An address for every rule of the application, with every kind of link where it takes one."""
    tokens = {
        "confirm": [path.rpartition("/")[2] for path in (links.waiting, links.spent)],
        "signed": [links.signed.rpartition("/")[2]],
        "signature": [links.private.rpartition("/")[2]],
        "unsubscribe": [campaign.runtime.tokens.mint(Purpose.UNSUBSCRIBE, bytes(16))],
    }
    addresses = []
    for rule in campaign.app.url_map.iter_rules():
        for token in tokens.get(rule.endpoint, [""]):
            values = {
                "language": "be",
                "slug": campaign.slug,
                "number": 1,
                "filename": "undersigned.css",
                "token": token,
                "handle": token,
            }
            built = campaign.app.url_map.bind("undersigned.example").build(
                rule.endpoint, {name: value for name, value in values.items() if name in rule.arguments}
            )
            addresses.append(built)
    return sorted(set(addresses))
