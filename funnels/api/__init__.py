"""The rules for programs: what may be asked of a lead, where it may stand, why it may be lost."""
