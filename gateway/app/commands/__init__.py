"""What can be typed after `gateway`? One file per group of commands; none of them decides anything itself."""
