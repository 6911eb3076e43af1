"""The ways out: each delivers what waits in its outbox, and is alone with its failures."""
