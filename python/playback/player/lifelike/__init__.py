"""Real listening: when (`calendar`), what (`choosing`), and how long (`stopping`)."""
