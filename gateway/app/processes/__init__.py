"""Which processes does an installation run? Never decides anything: it starts, watches and ends what others built."""
