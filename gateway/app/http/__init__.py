"""How does the outside world speak to the gateway over HTTP? Never says yes before the disk does."""
