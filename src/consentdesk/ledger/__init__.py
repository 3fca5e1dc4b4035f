"""The book: tables, migrations, the only SQL, search, hash chain.

`consentdesk.ledger.ledger.Ledger` has the verbs; requests and views are what goes in and comes out.
"""
