"""What is kept about signers, in the database."""

from __future__ import annotations

from letters.models.retention.parts import N_, Kept, columns

_WITHDRAW = N_("You, by withdrawing; burning")
_PROOF = N_("The total can be counted again")

SIGNATURES = (
    Kept(
        N_(
            "Your name, mail address and workplace, sealed: only the organisers’ key opens them, this server alone "
            "cannot"
        ),
        columns("signatures", "sealed"),
        N_("The organisers can check that signers are real"),
        N_("Until the day named on the letter’s page, usually 90 days after it closes; 8 days if you never confirm"),
        N_("The server itself, with the key around them; you, by withdrawing; burning"),
    ),
    Kept(
        N_("A code made of your address with a key that only this letter has"),
        columns("signatures", "address_index"),
        N_("Each address counts once"),
        N_(
            "Until sealed names are deleted; 30 days after closing its key is destroyed, and from then on it tells "
            "nothing; 8 days if you never confirm"
        ),
        N_("The server itself; you, by withdrawing; burning"),
    ),
    Kept(
        N_("Your profession and region"),
        columns("signatures", "profession region"),
        N_("They are counted in the figures"),
        N_("For good, without a name, or until you withdraw; 8 days if you never confirm"),
        N_("You, by withdrawing"),
    ),
    Kept(
        N_(
            "How the last edition counted you: profession, region, how your signature was checked, and whether under "
            "your name"
        ),
        columns("signatures", "standing printed_profession printed_region printed_standing printed_named"),
        N_("So that an edition can count you out again"),
        N_("For good, without a name, or until the first edition after you withdraw"),
        N_("That edition; burning takes away what it says about a name"),
    ),
    Kept(
        N_("That there is a signature: a random number, its letter and state, the editions in which it came and went"),
        columns("signatures", "id letter_id state news edition removed_in"),
        _PROOF,
        N_("For good once an edition has counted it; before that until you withdraw; 8 days if you never confirm"),
        N_("You, by withdrawing before you were counted; burning, if you were not counted"),
    ),
    Kept(
        N_("How you chose to appear, and whether a pseudonym of yours was ever printed"),
        columns("signatures", "display listed"),
        N_("Editions show you that way, and never in more detail than before"),
        N_("For good, or until you withdraw"),
        _WITHDRAW,
    ),
    Kept(
        N_("The name that you want to be public, encrypted under a key that this server has"),
        columns("signatures", "name_box"),
        N_("You chose to appear by name"),
        N_(
            "Until an edition shows it (then see “What is public”), or until you hide it or withdraw; at the latest "
            "until the letter’s last edition of all"
        ),
        N_("The edition; you; the server itself; an organiser who takes your signature out of the count; burning"),
    ),
    Kept(
        N_("The number of your pseudonym"),
        columns("signatures", "pseudonym"),
        N_("You chose to appear under it"),
        N_("For good, or until you choose otherwise or withdraw"),
        N_("You; burning"),
    ),
    Kept(
        N_("A code made of your whole form, and whether its mail went out"),
        columns("signatures", "fingerprint earlier_fingerprint mailed"),
        N_("A form that is sent twice brings one mail"),
        N_("Until you confirm, 8 days at most"),
        N_("Confirming; the server itself"),
    ),
    Kept(
        N_(
            "Why your signature waits for an organiser: a throw-away mailbox, too many at once, a domain that "
            "they watch, or their own decision"
        ),
        columns("signatures", "held_for"),
        N_("Fakes are kept out of the count"),
        N_("Until an organiser has decided"),
        N_("The decision; burning"),
    ),
    Kept(
        N_("With which others an organiser took your signature out of the count"),
        columns("signatures", "batch"),
        N_("It can be undone exactly"),
        N_("Until the next edition makes it final"),
        N_("The edition; burning"),
    ),
    Kept(
        N_("The random number that hides you in the letter’s public log; whoever has it can find your line there"),
        columns("signatures", "log_secret"),
        N_("You can leave the count again, and have a receipt if you ask for one"),
        N_("For good, or until the first edition after you withdraw"),
        N_("That edition; burning"),
    ),
    Kept(
        N_("Whether a named journalist may ask you if you signed"),
        columns("signatures", "press"),
        N_("A journalist can check a few signatures that a lot has chosen"),
        N_("Until sealed names are deleted, or until you change it or withdraw"),
        N_("The server itself; you; burning"),
    ),
    Kept(
        N_("Whether your public name waits until enough colleagues have agreed to be shown"),
        columns("signatures", "pact"),
        N_("It is shown together with theirs, or not at all"),
        N_(
            "Until the edition that shows it, at the latest until the letter closes; or until you change it or withdraw"
        ),
        N_("That edition; the server itself, which erases the name at closing; you; burning"),
    ),
    Kept(
        N_("Which signatures a lot has chosen for a named journalist"),
        columns(
            "samples",
            "letter_id number state journalist outlet size wanted candidates frame frame_hash source witness "
            "beacon drawn found confirmed announced_on drawn_on ended_on",
        ),
        N_("They agreed to be asked; the page says what came of it"),
        N_(
            "The result for good; who was chosen until it is reported or given up, at the latest until sealed "
            "names are deleted"
        ),
        N_("The organiser who reports it or gives it up; the server itself; burning"),
    ),
    Kept(
        N_("The last day of an unconfirmed form"),
        columns("signatures", "expires_on"),
        N_("It is deleted on the next day"),
        N_("Until you confirm, 8 days at most"),
        N_("Confirming; the server itself"),
    ),
)

MAIL = (
    Kept(
        N_(
            "Your address, encrypted under a key that this server has, while a mail to you waits; and when "
            "sending was tried"
        ),
        (
            *columns("outbox", "id about subject number challenge language address_box state expires_on"),
            *columns("outbox", "failures last_failure due_at lease leased_until"),
        ),
        N_("The mail is sent, and again after a failure"),
        N_("Until the mail server has taken it, 8 days at most"),
        N_("Sending; the server itself; burning"),
    ),
    Kept(
        N_(
            "If you asked for news: your address, encrypted under a key that this server has, your language, a "
            "random number"
        ),
        columns("subscriptions", "signature_id language address_box handle"),
        N_("You get the news; the number stands in its links"),
        N_(
            "Until sealed names are deleted, or until you unsubscribe or withdraw, or mail to you comes back; 8 "
            "days if you never confirm"
        ),
        N_("The server itself; you, by unsubscribing or withdrawing; burning"),
    ),
    Kept(
        N_("That a link was mailed to you, and how it ended; likewise organisers’ invitations and new passwords"),
        columns("challenges", "id kind subject outcome expires_on"),
        N_("A link to confirm works once; a private link works as long as your signature"),
        N_("A link to confirm 8 days; a private link for good, and once you have withdrawn it says only that"),
        N_("The server itself; burning"),
    ),
    Kept(
        N_("The minute until which the page after confirming shows your private link"),
        columns("challenges", "shown_until"),
        N_("Whoever opens that page later finds no link there"),
        N_("16 minutes"),
        N_("The server itself"),
    ),
)

PUBLIC = (
    Kept(
        N_("Your line of the public list: your name or pseudonym, and what is shown beside it"),
        columns("entries", "letter_id edition position signature_id name_box pseudonym profession region leaving"),
        N_("You chose to appear"),
        N_("For good, or until the list’s next change after you hide it or withdraw"),
        N_("You, and then the server itself; burning"),
    ),
    Kept(
        N_(
            "Exact counts by profession, region and how signatures were checked; a letter that hides small groups "
            "never shows these"
        ),
        (
            *columns("tallies", "letter_id dimension code count unnamed"),
            *columns("cells", "letter_id dimension code events printed"),
        ),
        N_("The figures are made of them"),
        N_("For good"),
        N_("Nothing"),
    ),
    Kept(
        N_("The figures of each edition"),
        columns("editions", "letter_id number released_at signatures withdrawn voided figures reasons log_size"),
        N_("They can be cited"),
        N_("For good"),
        N_("Nothing"),
    ),
    Kept(
        N_("The letter’s log: for each signature a number that hides it, for each that left another. They name nobody"),
        (
            *columns("logs", "letter_id origin verifier"),
            *columns("log_heads", "letter_id size root note"),
            *columns("log_tiles", "letter_id level number data"),
            *columns("cosignatures", "letter_id size witness cosigned_at line"),
        ),
        N_("Everybody can check the count"),
        N_("For good"),
        N_("Nothing"),
    ),
    Kept(
        N_("What organisers decided about held signatures: the day, how many, why; none is named"),
        columns("decisions", "letter_id position decided_on act reason count"),
        N_("Everybody can see it"),
        N_("For good"),
        N_("Nothing"),
    ),
    Kept(
        N_(
            "By which rule organisers take signatures out of the count, or the random numbers of those they "
            "chose; how many, why, and which organiser"
        ),
        columns("batches", "letter_id number state reason rule count done cursor account_id approved_by"),
        N_("A second organiser can look at it, and undo it"),
        N_("For good; the random numbers until the next edition makes it final"),
        N_("The edition"),
    ),
)
