"""What several screens of the desk share. Knows no ledger."""
