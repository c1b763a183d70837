"""What each service has to be asked, as data: one YAML file for each kind."""
