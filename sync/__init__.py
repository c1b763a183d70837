"""The sync engine: from text and readings to a plan, and from a plan to the sheet."""
