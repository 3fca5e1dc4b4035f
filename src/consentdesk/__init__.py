"""Consent Desk: look up, change, import and explain who may be emailed or texted."""

import time

__version__ = "0.1.0"

IMPORTED_AT = time.time()
"""When this program was loaded, in seconds since 1970: files of it that are newer are another version of it."""
