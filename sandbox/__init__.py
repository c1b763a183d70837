"""Stand-ins for Google Sheets, Jira and Airtable on loopback, for the real clients to talk to."""
