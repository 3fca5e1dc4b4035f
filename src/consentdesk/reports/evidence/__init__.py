"""Evidence to be handed over: packs with their verifier, and consent receipts."""
