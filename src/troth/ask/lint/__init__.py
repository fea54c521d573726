"""Dark patterns in notices and dialogs: each found by a rule that names what it rests on."""
