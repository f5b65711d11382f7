"""What is kept about organisers, and what is kept outside the database."""

from __future__ import annotations

from letters.models.retention.parts import N_, Kept, columns

ORGANISERS = (
    Kept(
        N_(
            "An organiser’s address and name, encrypted under a key that this server has; a code made of the "
            "address; the language"
        ),
        columns("accounts", "id address_index profile_box language ready created_on"),
        N_("They sign in, and colleagues know each other"),
        N_("As long as the account belongs to a team"),
        N_("An owner, by removing it from its last team; the organiser, by leaving it"),
    ),
    Kept(
        N_(
            "An organiser’s pair of keys; the secret one is encrypted under the password, the recovery codes, the"
            " browser’s cookie"
        ),
        (
            *columns("accounts", "public_key secret_box"),
            *columns("recovery_codes", "account_id position secret_box"),
        ),
        N_("It opens the keys of letters"),
        N_("Until the password is lost or changed; a recovery code until it is used or replaced"),
        N_("The organiser"),
    ),
    Kept(
        N_(
            "Second factors, encrypted under a key that this server has: label, secret or passkey, when it was "
            "last used"
        ),
        columns("factors", "id account_id kind box"),
        N_("A stolen password alone opens nothing"),
        N_("Until the organiser removes it"),
        N_("The organiser"),
    ),
    Kept(
        N_("Signed-in browsers, by the hour; and the minute until which the password is not asked for again"),
        columns("sessions", "id account_id stage secret_box opened_at seen_at strong_until challenge"),
        N_("The organiser stays signed in, and can end each of them"),
        N_("Two hours unused, twelve at most"),
        N_("The organiser, by signing out; the server itself"),
    ),
    Kept(
        N_("Who belongs to which team, in what role, and who may open names"),
        (
            *columns("teams", "id name"),
            *columns("memberships", "team_id account_id role sees_names joined_on"),
        ),
        N_("Each may do what the role allows"),
        N_("As long as the membership"),
        N_("An owner; the organiser, by leaving"),
    ),
    Kept(
        N_("Open invitations, with the address encrypted under a key that this server has"),
        columns("invitations", "id team_id role sees_names address_box invited_by expires_on"),
        N_("Organisers join"),
        N_("Until it is used or withdrawn, seven days at most"),
        N_("The organiser who joins; an owner; the server itself"),
    ),
    Kept(
        N_("A letter’s secret key, sealed to each organiser who may open names"),
        columns("letter_keys", "letter_id account_id wrapped"),
        N_("They check that signers are real"),
        N_("Until the organiser leaves the team, or the key is taken away"),
        N_("An owner; the organiser"),
    ),
    Kept(
        N_("What organisers did, by the hour: codes and numbers, no words, no signer"),
        columns("trail", "id team_id letter_id account_id done_at act count reason about"),
        N_("The team can see who did what"),
        N_("For good"),
        N_("Nothing"),
    ),
    Kept(
        N_("How far a table of signatures has been handed over, and to which organiser"),
        columns("downloads", "id letter_id account_id form total done damaged finished moved_at expires_on"),
        N_("Its progress is shown"),
        N_("Until the next day"),
        N_("The server itself"),
    ),
)

ELSEWHERE = (
    Kept(
        N_("The number of a solved task or of a waiting ticket; it leads to nobody"),
        columns("spent_proofs", "id expires_on"),
        N_("Each lets one form through"),
        N_("Until its last day is over"),
        N_("The server itself"),
    ),
    Kept(
        N_("A letter’s keys: with one addresses are recognised, the other lies around sealed names"),
        ("UNDERSIGNED_KEYS/dedupe", "UNDERSIGNED_KEYS/identities"),
        N_("Each address counts once; a backup alone opens nothing"),
        N_("30 days after closing; the other until sealed names are deleted"),
        N_("The server itself; burning"),
    ),
    Kept(
        N_("The key that signs a letter’s log, and what it has signed last"),
        ("UNDERSIGNED_KEYS/log",),
        N_("Nobody else can continue the log, and nobody is shown another"),
        N_("As long as the letter"),
        N_("The host"),
    ),
    Kept(
        N_("The server’s own keys: they sign links, and open what the server has to read again"),
        ("UNDERSIGNED_KEYS/*.key",),
        N_("Links work, mail is sent, public names are shown"),
        N_("As long as the server"),
        N_("The host"),
    ),
    Kept(
        N_("Caught mail, with your address"),
        ("var/mail",),
        N_("The demo shows it instead of sending it; with a mail server there is none"),
        N_("For good"),
        N_("The host"),
    ),
    Kept(
        N_("That the part of the server which sends mail is alive: a random number, a minute, since when mail waits"),
        columns("workers", "id seen_at queue_since"),
        N_("The host hears of it when mail and editions stand still"),
        N_("Until it stops, or an hour after it was killed"),
        N_("The server itself"),
    ),
    Kept(
        N_("How many pages were shown in ten minutes, rounded to 50 by lot; not to whom"),
        ("Memory",),
        N_("The host sees how busy the server is"),
        N_("Until the process ends, rounded; exactly for ten minutes"),
        N_("The server itself"),
    ),
    Kept(
        N_(
            "Lines of a log about what failed: of which kind, where in the program, in which hour, and under the "
            "random number that the page shows you. No address, name or link"
        ),
        ("Standard error",),
        N_("The host can mend it"),
        N_("As the host sets it"),
        N_("The host"),
    ),
    Kept(
        N_("How often your network, your address and its domain were here, under codes whose key lives for a day"),
        ("Memory", "Redis, where there is one"),
        N_("Machines that sign are slowed down, and nobody is flooded with mail"),
        N_("A day, or until the process or Redis ends"),
        N_("The server itself"),
    ),
    Kept(
        N_("How many confirm a letter in ten minutes"),
        ("Memory", "Redis, where there is one, under a code of the letter"),
        N_("Sudden bursts are seen"),
        N_("A day, or until the process or Redis ends"),
        N_("The server itself"),
    ),
    Kept(
        N_(
            "Copies outside of this program: backups, lists that organisers have downloaded, what mail servers note "
            "down, public pages that others have kept"
        ),
        ("With the host, with organisers, with others",),
        N_("A broken server can be mended, signers are checked, mail arrives; some copies nobody asked for"),
        N_("As those set it who have them"),
        N_("Those who have them; nothing from here reaches these copies"),
    ),
    Kept(
        N_(
            "On your own device: no cookie, nothing stored. What stays there is the browser’s history and the "
            "mails you received"
        ),
        ("Your browser and mailbox",),
        N_("Only you can clear them"),
        N_("As you set it"),
        N_("You"),
    ),
)
