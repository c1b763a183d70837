"""Orders of a web shop as a source of okr-sync: the kind ``shop``."""
