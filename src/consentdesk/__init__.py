"""Consent Desk: look up, change, import and explain who may be emailed or texted."""

__version__ = "0.1.0"
