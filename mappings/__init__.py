"""What ties a metric to a key result: the YAML that admins edit, as values. Pure: no network, files or clock."""
