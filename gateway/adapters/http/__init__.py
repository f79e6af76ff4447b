"""How do documents reach partners over HTTP? Never follows a redirect, never logs what a partner wrote."""
