"""The files of other systems that are known by their columns. ONE table: a system's file is one entry.

Names of columns are those of the systems' own documents, or of files that were seen; where neither is
public, the comment says so.
"""

from __future__ import annotations

from consentdesk.doors.csv_file import Table
from consentdesk.doors.formats import FLAG_WORDS, PLAIN, Format, StatusField, StatusWords, first_that_fits
from consentdesk.doors.kinds import FileKind
from consentdesk.doors.own_export import COLUMNS
from consentdesk.rules.vocabulary import Channel, Kind, Reason

_NOT_SO = {word: meaning for word, meaning in FLAG_WORDS.items() if meaning is None}
_OPTED_OUT = StatusWords(FLAG_WORDS, reason=Reason.USER_OPT_OUT)
_BOUNCED = StatusWords(_NOT_SO, Kind.OPT_OUT, Reason.FAILED_AT_CARRIER)
_SUPPRESSED = StatusWords({**_NOT_SO, "[]": None}, Kind.OPT_OUT)

_KLAVIYO_CONSENT = StatusWords(
    {"subscribed": Kind.OPT_IN, "unsubscribed": Kind.OPT_OUT, "never_subscribed": None},
    reason=Reason.USER_OPT_OUT,
)

_TWILIO_MARKS = {"whatsapp:": Channel.WHATSAPP}
_TWILIO_KEYWORD = StatusWords({"stop": Kind.OPT_OUT, "start": None, "help": None})
_TWILIO_CONSENT = StatusWords(
    {"opt-out": Kind.OPT_OUT, "opt-in": Kind.OPT_IN, "re-opt-in": Kind.OPT_IN}, reason=Reason.USER_OPT_OUT
)

_MAILCHIMP = (("email address",), ("optin_time",), ("leid",), ("euid",))
_MAILCHIMP_COLUMNS = {"email": ("Email Address",), "first_name": ("First Name",), "last_name": ("Last Name",)}
_MAILCHIMP_ZONE = (
    "Mailchimp writes times without a time zone: they are read in the zone that is chosen, "
    "so choose that of the Mailchimp account."
)
_AUDIENCE = (
    "The file is about one Mailchimp audience. Channel-wide is the safe side; "
    "choose a list if the audience was one."
)

MAILCHIMP_SUBSCRIBED = "mailchimp-subscribed"
VIBES_OPT_OUTS = "vibes-opt-outs"

FORMATS: tuple[Format, ...] = (
    Format(
        name="consent-desk",
        words="an export of Consent Desk",
        needs=tuple((column,) for column in COLUMNS),
        is_one_scope_a_row=True,
        cells_are_protected=True,
        notes=("Its lists and campaigns must be there under the same names: add them first.",),
    ),
    Format(
        name="mailchimp-unsubscribed",
        words="a Mailchimp unsubscribed export",
        kind=FileKind.SUPPRESSION,
        needs=(*_MAILCHIMP, ("unsub_time",)),
        columns={
            **_MAILCHIMP_COLUMNS,
            "opted_out_at": ("UNSUB_TIME",),
            "explanation": ("UNSUB_REASON_OTHER", "UNSUB_REASON"),
            "reason": (),
        },
        reason=Reason.USER_OPT_OUT,
        notes=(_MAILCHIMP_ZONE, _AUDIENCE),
    ),
    Format(
        name="mailchimp-cleaned",
        words="a Mailchimp cleaned export",
        kind=FileKind.SUPPRESSION,
        needs=(*_MAILCHIMP, ("clean_time",)),
        columns={**_MAILCHIMP_COLUMNS, "opted_out_at": ("CLEAN_TIME",), "reason": ()},
        reason=Reason.FAILED_AT_CARRIER,
        notes=(_MAILCHIMP_ZONE, "These addresses could not be delivered to."),
    ),
    Format(
        name=MAILCHIMP_SUBSCRIBED,
        words="a Mailchimp subscribed export",
        kind=FileKind.SIGN_UPS,
        needs=(*_MAILCHIMP, ("confirm_time",)),
        columns={**_MAILCHIMP_COLUMNS, "consented_at": ("CONFIRM_TIME", "OPTIN_TIME")},
        # Somebody else added whoever has no OPTIN_TIME, and CONFIRM_TIME says when: that is no consent's time.
        only_beside={"consented_at": "OPTIN_TIME"},
        notes=(
            _MAILCHIMP_ZONE,
            "Load the unsubscribed and the cleaned export as well: people stand in one only.",
            "Where OPTIN_TIME is blank, somebody else may have added the person: such an opt-in has no time.",
        ),
    ),
    Format(
        name="klaviyo-profiles",
        words="a Klaviyo profile export",
        needs=(
            ("email", "phone number"),
            ("email marketing consent", "sms marketing consent"),
            (
                "klaviyo id",
                "email marketing consent timestamp",
                "sms marketing consent timestamp",
                "email suppressions",
                "profile created on",
            ),
        ),
        columns={
            "email_subscription_status": ("Email Marketing Consent",),
            "sms_subscription_status": ("SMS Marketing Consent",),
            "email_consented_at": ("Email Marketing Consent Timestamp",),
            "sms_consented_at": ("SMS Marketing Consent Timestamp",),
            "email_suppressions": ("Email Suppressions",),
            "phone": ("Phone Number",),
            "consented_at": (),
            "external_id": (),
        },
        statuses=(StatusField("email_suppressions", Channel.EMAIL),),
        cells={
            "email marketing consent": _KLAVIYO_CONSENT,
            "sms marketing consent": _KLAVIYO_CONSENT,
            # The words inside the brackets are documented nowhere; "[]" is the one that is known to mean none.
            "email suppressions": _SUPPRESSED,
        },
        notes=(
            "NEVER_SUBSCRIBED says nothing: never asked is not said no.",
            "The times of consent date opt-ins only; opt-outs count from the import on.",
        ),
    ),
    Format(
        name="hubspot-contacts",
        words="a HubSpot contact export",
        needs=(
            ("record id", "contact id"),
            ("email",),
            ("unsubscribed from all email", "email hard bounce reason", "marketing contact status"),
        ),
        columns={
            "email_subscription_status": (),
            "unsubscribed_from_all_email": ("Unsubscribed from all email",),
            "email_hard_bounce_reason": ("Email hard bounce reason",),
            "phone": (),
            "external_id": (),
            "consented_at": (),
            "opted_out_at": (),
        },
        statuses=(
            StatusField("unsubscribed_from_all_email", Channel.EMAIL),
            StatusField("email_hard_bounce_reason", Channel.EMAIL),
        ),
        cells={
            "unsubscribed from all email": _OPTED_OUT,
            "email hard bounce reason": _BOUNCED,
        },
        list_prefix="opted out of email: ",
        list_words=_OPTED_OUT,
        notes=(
            "Its columns say who opted out. Not having opted out is no consent, so nobody is subscribed by it.",
            "An opt-out of one type of email needs a list of that name: add it first.",
            "Phone numbers are not read: the file says nothing about texts.",
        ),
    ),
    Format(
        name="hubspot-unsubscribes",
        words="a HubSpot export of unsubscribes and bounces",
        needs=(("email", "email address"), ("portal unsubscribe",), ("portal bounce",)),
        columns={
            "email_subscription_status": (),
            "portal_unsubscribe": ("Portal Unsubscribe",),
            "portal_spam_report": ("Portal Spam Report",),
            "portal_bounce": ("Portal Bounce",),
            "global_bounce": ("Global Bounce",),
            "phone": (),
        },
        statuses=tuple(
            StatusField(name, Channel.EMAIL)
            for name in ("portal_unsubscribe", "portal_spam_report", "portal_bounce", "global_bounce")
        ),
        cells={
            "portal unsubscribe": _OPTED_OUT,
            "portal spam report": _OPTED_OUT,
            "portal bounce": _BOUNCED,
            "global bounce": _BOUNCED,
        },
        notes=(
            "Columns of single types of email are not read: choose a list's status for each that matters.",
        ),
    ),
    # Twilio publishes no layout of an opt-out list: these are the parameters of its webhook for inbound
    # messages and the columns of its message log, which such lists are kept from.
    Format(
        name="twilio-opt-outs",
        words="a Twilio opt-out list",
        needs=(("optouttype", "opt_out_type"), ("from",)),
        columns={
            "address": ("From",),
            "state": ("OptOutType", "opt_out_type"),
            "opted_out_at": ("DateSent", "date_sent", "SentDate", "DateCreated", "date_created"),
            **dict.fromkeys(
                ("channel", "list", "permanent", "since", "reason", "campaign", "external_id"), ()
            ),
        },
        cells={"optouttype": _TWILIO_KEYWORD, "opt_out_type": _TWILIO_KEYWORD},
        is_one_scope_a_row=True,
        channel=Channel.SMS,
        channel_marks=_TWILIO_MARKS,
        reason=Reason.KEYWORD_OPT_OUT,
        notes=(
            "Everybody in it texted STOP, and only their own START brings them back: "
            "a START in the file says nothing.",
        ),
    ),
    Format(
        name="twilio-consents",
        words="a Twilio consent list",
        needs=(("contact_id",), ("sender_id",), ("status",), ("date_of_consent",)),
        columns={
            "address": ("contact_id",),
            "state": ("status",),
            "since": ("date_of_consent",),
            "reason": ("source",),
            **dict.fromkeys(("channel", "list", "permanent", "campaign", "external_id"), ()),
        },
        cells={"status": _TWILIO_CONSENT},
        is_one_scope_a_row=True,
        channel=Channel.SMS,
        channel_marks=_TWILIO_MARKS,
        reason=Reason.USER_OPT_OUT,
        reasons={
            "opt-out-message": Reason.KEYWORD_OPT_OUT,
            **dict.fromkeys(("website", "offline", "others", "opt-in-message"), Reason.USER_OPT_OUT),
        },
    ),
    Format(
        name="vibes-subscriptions",
        words="a Vibes subscription extract",
        needs=(("mdn",), ("subscription_event",), ("subscription_list_id", "subscription_list_name")),
        columns={
            "address": ("mdn",),
            "list": ("subscription_list_name", "subscription_list_id"),
            "state": ("subscription_event",),
            "consented_at": ("opt_in_date",),
            "opted_out_at": ("opt_out_date",),
            "reason": ("opt_out_reason",),
            "external_id": ("external_person_id",),
            **dict.fromkeys(("channel", "permanent", "since", "campaign"), ()),
        },
        is_one_scope_a_row=True,
        is_about_lists=True,
        channel=Channel.SMS,
        reason=Reason.USER_OPT_OUT,
        notes=("Each row is about one list, by its name: add the lists first, as lists of SMS.",),
    ),
    Format(
        name=VIBES_OPT_OUTS,
        words="a Vibes opt-out file",
        kind=FileKind.SUPPRESSION,
        needs=(("mdn",),),
        needs_preamble=True,
        columns={"phone": ("mdn",), "reason": ()},
        channel=Channel.SMS,
        reason=Reason.BULK_OPT_OUT,
        notes=(
            "Vibes names a list by its number, which is not known here. "
            "Channel-wide is the safe side; choose the list if you know which one it is.",
        ),
    ),
    Format(
        name="segment-profiles",
        words="a file for Segment's profile uploader",
        needs=(
            ("email", "phone"),
            ("email_subscription_status", "sms_subscription_status", "whatsapp_subscription_status"),
        ),
    ),
    Format(
        name="segment-groups",
        words="a file for Segment's group uploader",
        needs=(("email",),),
        needs_list=True,
        notes=("Each group is an email list of the same name: add the lists first.",),
    ),
)
"""The first that fits counts, so the more particular ones come first."""

FORMAT_OF = {each.name: each for each in (PLAIN, *FORMATS)}


def format_of(table: Table) -> Format:
    """The format that a table's columns tell, or `PLAIN`."""
    return first_that_fits(FORMATS, table.header, has_preamble=bool(table.preamble))
