"""The desk: Consent Desk's screens in a terminal, over a ledger's verbs. The only part that knows Textual."""
