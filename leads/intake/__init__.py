"""Pure translators: what arrived → an IntakeRow."""
