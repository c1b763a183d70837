"""What is said to people: plans, reports, explanations."""
