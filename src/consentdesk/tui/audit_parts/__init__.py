"""The three parts of the audit screen: the trail, the charts, the evidence check."""
