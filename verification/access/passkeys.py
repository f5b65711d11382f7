"""Passkeys as the second factor after a password: Web Authentication, level 2, sections 7.1 and 7.2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from verification.errors import Refusal
from verification.late import Late

if TYPE_CHECKING:
    import webauthn
    from webauthn import helpers
    from webauthn.helpers import structs
else:
    webauthn, helpers, structs = map(Late, ("webauthn", "webauthn.helpers", "webauthn.helpers.structs"))

LASTS = 300
"""Seconds that the browser waits for the organiser."""
LONGEST = 20_000
"""Characters of a response beyond which it is not even looked at."""
LONGEST_ID = 1023
"""Bytes of a credential id (section 4)."""


class PasskeyRefused(Refusal):
    """The response is not that of this passkey to this question at this site."""


@dataclass(frozen=True)
class Passkey:
    """What is kept of a passkey: its id, its public key (COSE), and how often it said that it was used."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


@dataclass(frozen=True)
class RelyingParty:
    """The site as a browser knows it: its host, what it is called, and its origin."""

    id: str
    name: str
    origin: str

    @classmethod
    def of(cls, base_url: str) -> Self:
        """The site at `base_url`, called by its host."""
        url = urlsplit(base_url)
        host = (url.hostname or "").encode("idna").decode("ascii")
        usual = {"http": 80, "https": 443}.get(url.scheme)
        port = "" if url.port in (None, usual) else f":{url.port}"
        return cls(id=host, name=url.hostname or "", origin=f"{url.scheme}://{host}{port}")

    @property
    def offered(self) -> bool:
        """Whether browsers have passkeys here: never at an IP address, and without TLS at localhost alone."""
        local = self.id == "localhost" or self.id.endswith(".localhost")
        is_address = ":" in self.id or self.id.rpartition(".")[2].isdecimal()
        return not is_address and (local or self.origin.startswith("https:"))


def creation_options(party: RelyingParty, challenge: bytes, account: bytes, name: str, known: Sequence[bytes]) -> str:
    """The JSON for `navigator.credentials.create`; authenticators that hold one of the `known` ids are left out.

    Nothing is to stay on a security key that names its owner or this site, so a passkey is not discoverable.
    """
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=account,
        user_name=name,
        challenge=challenge,
        timeout=LASTS * 1000,
        exclude_credentials=_descriptors(known),
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.DISCOURAGED,
            user_verification=structs.UserVerificationRequirement.PREFERRED,
        ),
    )
    return webauthn.options_to_json(options)


def check_created(party: RelyingParty, challenge: bytes, response: str) -> Passkey:
    """The new passkey in the browser's JSON. Raises `PasskeyRefused`."""
    _check_length(response)
    try:
        made = webauthn.verify_registration_response(
            credential=response, expected_challenge=challenge, expected_rp_id=party.id, expected_origin=party.origin
        )
    except Exception as error:  # whatever a hostile response does to the parsers
        raise PasskeyRefused("This passkey could not be added. Start again on this page.") from error
    if len(made.credential_id) > LONGEST_ID:
        raise PasskeyRefused("This passkey's id is too long. Take another passkey.")
    return Passkey(made.credential_id, made.credential_public_key, made.sign_count)


def request_options(party: RelyingParty, challenge: bytes, known: Sequence[bytes]) -> str:
    """The JSON for `navigator.credentials.get`, which any of the `known` passkeys may answer."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=LASTS * 1000,
        allow_credentials=_descriptors(known),
        user_verification=structs.UserVerificationRequirement.PREFERRED,
    )
    return webauthn.options_to_json(options)


def used_credential(response: str) -> bytes:
    """The id of the passkey that the browser says it used, to look it up; nothing is proven yet.

    Raises `PasskeyRefused`.
    """
    _check_length(response)
    try:
        return helpers.parse_authentication_credential_json(response).raw_id
    except Exception as error:
        raise PasskeyRefused("The browser's answer could not be read. Try your passkey again.") from error


def check_used(party: RelyingParty, challenge: bytes, response: str, passkey: Passkey) -> int:
    """The passkey's new sign count. Raises `PasskeyRefused`.

    A count that has not grown means a copied authenticator (section 6.1.1); one that is always 0 is not counted.
    """
    if used_credential(response) != passkey.credential_id:
        raise PasskeyRefused("This is another passkey than the one expected. Try the other one.")
    try:
        used = webauthn.verify_authentication_response(
            credential=response,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
        )
    except Exception as error:
        raise PasskeyRefused("The passkey was not accepted. Try it again, or use another second factor.") from error
    return used.new_sign_count


def _check_length(response: str) -> None:
    if len(response) > LONGEST:
        raise PasskeyRefused("The browser's answer is too long to be a passkey's. Try again.")


def _descriptors(ids: Sequence[bytes]) -> list[structs.PublicKeyCredentialDescriptor]:
    return [structs.PublicKeyCredentialDescriptor(id=id) for id in ids]
