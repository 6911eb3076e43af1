"""What outlives a restart: alert state, the outbox of every channel, silences and the last readings (design 2, 5.6)."""
