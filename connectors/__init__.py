"""Where numbers come from: one vendor, one file, behind one protocol."""
