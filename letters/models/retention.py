"""What is kept about signers: where, why, until when, and what ends it. `docs/retention.md` shows this same table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kept:
    """One thing that is kept. `where` names columns as `table.column`, or a place outside the database."""

    what: str
    where: tuple[str, ...]
    why: str
    until: str
    ended_by: str


def _columns(table: str, names: str) -> tuple[str, ...]:
    return tuple(f"{table}.{name}" for name in names.split())


_WITHDRAW = "You, by withdrawing; burning"
_PROOF = "So that everybody's total can be proven from the rows"

SIGNATURES = (
    Kept(
        "Your name, mail address and workplace, sealed so that only the organisers' key opens them",
        _columns("signatures", "sealed"),
        "The organisers check that signers are real",
        "The day on the letter's page, usually 90 days after closing; unconfirmed, 8 days from its mail",
        "The worker, with the key around them; you, by withdrawing; burning",
    ),
    Kept(
        "A code of your address that only the letter's dedupe key makes",
        _columns("signatures", "address_index"),
        "Each address counts once",
        "As above; 30 days after closing the dedupe key is destroyed, and it says nothing any more",
        "The worker; you, by withdrawing; burning",
    ),
    Kept(
        "Your profession and region",
        _columns("signatures", "profession region"),
        "They are counted in the figures",
        "For good, without a name; until you withdraw; unconfirmed, 8 days from its mail",
        "You, by withdrawing",
    ),
    Kept(
        "As what the last edition counted you, and whether with a public name",
        _columns("signatures", "standing printed_profession printed_region printed_standing printed_named"),
        "So that an edition can count you out again",
        "For good, without a name; until the first edition after you withdraw",
        "That edition; burning ends what is said of a name",
    ),
    Kept(
        "That there is a signature: a random number, its letter and state, the editions in which it came and went",
        _columns("signatures", "id letter_id state news edition removed_in"),
        _PROOF,
        "For good once an edition has counted it; otherwise until you withdraw; unconfirmed, 8 days from its mail",
        "You, by withdrawing before you were counted; burning, if you were not counted",
    ),
    Kept(
        "How you chose to appear, and whether a pseudonym of yours was ever printed",
        _columns("signatures", "display listed"),
        "Editions print you that way, and never more finely than before",
        "For good; until you withdraw",
        _WITHDRAW,
    ),
    Kept(
        "Your public name, in a box under the server's key names",
        _columns("signatures", "name_box"),
        "You chose to appear by name",
        "Until an edition prints it (then see the public list); until you hide it or withdraw",
        "The edition; you; burning",
    ),
    Kept(
        "The number of your pseudonym",
        _columns("signatures", "pseudonym"),
        "You chose to appear under it",
        "For good; until you choose otherwise or withdraw",
        "You; burning",
    ),
    Kept(
        "A code of your whole form, and whether its mail went out",
        _columns("signatures", "fingerprint earlier_fingerprint mailed"),
        "A form that is sent twice brings one mail",
        "Until you confirm; otherwise 8 days from its mail",
        "Confirming; the worker",
    ),
    Kept(
        "Why your signature waits for an organiser: a throw-away mailbox, a burst, a watched domain, their own look",
        _columns("signatures", "held_for"),
        "Fakes are kept out of the count",
        "Until an organiser has decided",
        "The decision; burning",
    ),
    Kept(
        "With which voiding an organiser threw your signature out",
        _columns("signatures", "batch"),
        "It can be undone, exactly",
        "Until the next edition makes it final",
        "The edition; burning",
    ),
    Kept(
        "The random number that hides your leaf in the letter's log; with it the leaf can be found",
        _columns("signatures", "log_secret"),
        "Leaving the count shows a leaf of its own; a receipt can be made if you ask for one",
        "For good; until the first edition after you withdraw",
        "That edition; burning",
    ),
    Kept(
        "Whether a named journalist may ask you if you signed",
        _columns("signatures", "press"),
        "A journalist can check a few signatures that a lot has chosen",
        "The day on which sealed identities are deleted; until you change it or withdraw",
        "The worker; you; burning",
    ),
    Kept(
        "Whether your public name waits until enough colleagues have agreed to be shown",
        _columns("signatures", "pact"),
        "It is shown together with theirs, or not at all",
        "Until the edition that shows it; at the latest until the letter closes; until you change it or withdraw",
        "The edition; the worker, which erases the name at closing; you; burning",
    ),
    Kept(
        "Which signatures a lot has chosen for a named journalist",
        _columns(
            "samples",
            "letter_id number state journalist outlet size wanted candidates frame frame_hash source witness beacon"
            " drawn found confirmed announced_on drawn_on ended_on",
        ),
        "They agreed to be asked; the page says what came of it",
        "The result for good; who was chosen until it is reported or given up, at the latest until sealed identities "
        "are deleted",
        "The organiser who reports it or gives it up; the worker; burning",
    ),
    Kept(
        "The last day of an unconfirmed form",
        _columns("signatures", "expires_on"),
        "It is deleted on the next day",
        "Until you confirm; otherwise 8 days from its mail",
        "Confirming; the worker",
    ),
)

MAIL = (
    Kept(
        "Your address, in a box under the server's key outbox, and how its mail fares; moments only of its attempts",
        (
            *_columns("outbox", "id about subject number challenge language address_box state expires_on"),
            *_columns("outbox", "failures last_failure due_at lease leased_until"),
        ),
        "The mail is sent, and again after a failure",
        "Until the mail server has taken it; otherwise 8 days at most",
        "Sending; the worker; burning",
    ),
    Kept(
        "Your address, in a box under the server's key subscriptions, the language of your form, and a random number",
        _columns("subscriptions", "signature_id language address_box handle"),
        "You asked for updates; the number stands in their links",
        "The day on which sealed identities are deleted; until you unsubscribe or withdraw, or mail to you comes back; "
        "unconfirmed, 8 days from its mail",
        "The worker; you, by unsubscribing or withdrawing; burning",
    ),
    Kept(
        "That a confirmation or private link exists and how it ended; organisers' invitations and new passwords",
        _columns("challenges", "id kind subject outcome expires_on"),
        "It works once; a private link works as long as your signature",
        "A confirmation link 8 days, an organiser's no longer; a private link for good, and once you have withdrawn it "
        "says only that",
        "The worker; burning",
    ),
    Kept(
        "The minute until which the page after confirming shows your private link",
        _columns("challenges", "shown_until"),
        "Whoever opens that page later finds no link there",
        "16 minutes",
        "The worker",
    ),
)

PUBLIC = (
    Kept(
        "Your line of the public list: the box of your name, or your pseudonym, with what is shown beside it",
        _columns("entries", "letter_id edition position signature_id name_box pseudonym profession region leaving"),
        "You chose to appear",
        "For good; until the letter's next interval after you hide it or withdraw",
        "You, and then the worker; burning",
    ),
    Kept(
        "Exact counts by profession, region and how signatures were checked; protected letters never show these",
        (
            *_columns("tallies", "letter_id dimension code count unnamed"),
            *_columns("cells", "letter_id dimension code events printed"),
        ),
        "The figures are made of them",
        "For good",
        "Nothing",
    ),
    Kept(
        "The figures of each edition",
        _columns("editions", "letter_id number released_at signatures withdrawn voided figures reasons log_size"),
        "They can be cited",
        "For good",
        "Nothing",
    ),
    Kept(
        "The letter's log: for each signature a number that hides it, for each that left another; they name nobody",
        (
            *_columns("logs", "letter_id origin verifier"),
            *_columns("log_heads", "letter_id size root note"),
            *_columns("log_tiles", "letter_id level number data"),
            *_columns("cosignatures", "letter_id size witness cosigned_at line"),
        ),
        "Everybody can check the count",
        "For good",
        "Nothing",
    ),
    Kept(
        "What organisers decided about held signatures: the day, how many, why; none is named",
        _columns("decisions", "letter_id position decided_on act reason count"),
        "Everybody can see it",
        "For good",
        "Nothing",
    ),
    Kept(
        "By which rule organisers void signatures, or the random numbers of those they chose; how many, why, and who",
        _columns("batches", "letter_id number state reason rule count done cursor account_id approved_by"),
        "A second organiser can look at it, and it can be undone",
        "For good; the numbers until the next edition makes it final",
        "The edition",
    ),
)

ORGANISERS = (
    Kept(
        "An organiser's address and name, in a box under the server's key accounts; a code of the address; language",
        _columns("accounts", "id address_index profile_box language ready created_on"),
        "They sign in, and colleagues know each other",
        "As long as the account belongs to a team",
        "An owner, by removing it from its last team; the organiser, by leaving it",
    ),
    Kept(
        "An organiser's key pair, its secret half in boxes: one the password opens, others a recovery code or a cookie",
        (
            *_columns("accounts", "public_key secret_box"),
            *_columns("recovery_codes", "account_id position secret_box"),
        ),
        "It opens the keys of letters",
        "Until the password is lost or changed; a recovery code until it is used or made anew",
        "The organiser",
    ),
    Kept(
        "Second factors, in boxes under the server's key accounts: label, secret or passkey, when it was last used",
        _columns("factors", "id account_id kind box"),
        "A stolen password alone opens nothing",
        "Until the organiser removes it",
        "The organiser",
    ),
    Kept(
        "Signed-in browsers, by the hour; the minute only until which password and second factor are not asked again",
        _columns("sessions", "id account_id stage secret_box opened_at seen_at strong_until challenge"),
        "The organiser stays signed in, and can end each of them",
        "Two hours unused, twelve at most",
        "The organiser, by signing out; the worker",
    ),
    Kept(
        "Who belongs to which team, in what role, and who may open names",
        (
            *_columns("teams", "id name"),
            *_columns("memberships", "team_id account_id role sees_names joined_on"),
        ),
        "Each may do what the role allows",
        "As long as the membership",
        "An owner; the organiser, by leaving",
    ),
    Kept(
        "Open invitations, the address in a box under the server's key accounts",
        _columns("invitations", "id team_id role sees_names address_box invited_by expires_on"),
        "Organisers join",
        "Until it is used or withdrawn, seven days at most",
        "The organiser who joins; an owner; the worker",
    ),
    Kept(
        "A letter's secret key, sealed to each organiser who may open names",
        _columns("letter_keys", "letter_id account_id wrapped"),
        "They check that signers are real",
        "Until the organiser leaves the team, or the key is taken away",
        "An owner; the organiser",
    ),
    Kept(
        "What organisers did, by the hour: codes and numbers, no words, no signer",
        _columns("trail", "id team_id letter_id account_id done_at act count reason about"),
        "The team can see who did what",
        "For good",
        "Nothing",
    ),
    Kept(
        "How far a table of signatures has been handed over, and to which organiser",
        _columns("downloads", "id letter_id account_id form total done damaged finished moved_at expires_on"),
        "Its progress is shown",
        "Until the next day",
        "The worker",
    ),
)

ELSEWHERE = (
    Kept(
        "The number of a solved task or of a waiting ticket; it leads to nobody",
        _columns("spent_proofs", "id expires_on"),
        "Each lets one form through",
        "Its own last day",
        "The worker",
    ),
    Kept(
        "A letter's keys: under one addresses are recognised, the other lies around sealed identities",
        ("UNDERSIGNED_KEYS/dedupe", "UNDERSIGNED_KEYS/identities"),
        "Each address counts once; a backup alone opens nothing",
        "30 days after closing; the day on which sealed identities are deleted",
        "The worker; burning",
    ),
    Kept(
        "The key that signs a letter's log, and which heads it has signed",
        ("UNDERSIGNED_KEYS/log",),
        "Nobody else can continue the log, and nobody is shown another",
        "As long as the letter",
        "The host",
    ),
    Kept(
        "The server's keys: they sign links, and open what the server has to read again",
        ("UNDERSIGNED_KEYS/*.key",),
        "Links work, mail is sent, public names are shown",
        "As long as the server",
        "The host",
    ),
    Kept(
        "Caught mail, with your address",
        ("var/mail",),
        "The demo shows it instead of sending it; with a mail server there is none",
        "For good",
        "The host",
    ),
    Kept(
        "That a worker lives: a random number, its last minute, and the ten minutes since when some mail has waited",
        _columns("workers", "id seen_at queue_since"),
        "The host hears of it when mail and editions stand still",
        "Until it stops, or an hour after it was killed",
        "The worker, or another one",
    ),
    Kept(
        "How many answers went out in ten minutes, by kind; each count rounded to 50 by lot, whoever asked",
        ("Memory",),
        "The host sees how busy the server is",
        "Until the process ends, rounded; exactly for ten minutes",
        "The clock",
    ),
    Kept(
        "Lines of a log about what failed: of which kind, where in the program, in which hour, and under the random "
        "number that the page shows you. No address, name or link",
        ("Standard error",),
        "The host can mend it",
        "As the host sets it",
        "The host",
    ),
    Kept(
        "How often your network, your address and its domain were here, under codes of a key that lives for a day",
        ("Memory", "Redis, where there is one"),
        "Machines are slowed down, and nobody is bombed with mail",
        "A day, or until the process or Redis ends",
        "The clock",
    ),
    Kept(
        "How many confirm in ten minutes, per letter",
        ("Memory", "Redis, where there is one, under a code of the letter"),
        "Sudden bursts are seen",
        "A day, or until the process or Redis ends",
        "The clock",
    ),
    Kept(
        "On your own device: no cookie and nothing stored; the browser's history, and mails that you received",
        ("Your browser and mailbox",),
        "Only you can clear them",
        "As you set it",
        "You",
    ),
)

KEPT: dict[str, tuple[Kept, ...]] = {
    "Your signature": SIGNATURES,
    "Mail and links": MAIL,
    "What is public": PUBLIC,
    "Organisers": ORGANISERS,
    "Elsewhere": ELSEWHERE,
}
