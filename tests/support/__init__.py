"""What several tests share: stand-ins that pass the real ones' contract, and programs that may be missing."""
