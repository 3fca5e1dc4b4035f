"""What comes in: files and payloads of other systems, translated into requests to the ledger.

A door reads a format and asks; what a request may do is decided by `consentdesk.rules` alone.
"""
