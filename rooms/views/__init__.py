"""HTTP manners: one view per verb, no rules."""
