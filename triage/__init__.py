"""The case of a contact: intake, risk, escalation, referral, follow-up."""
