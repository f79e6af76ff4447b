"""How does a borough's eCAF system look from outside? It takes episodes and acknowledges them."""

from fastapi import FastAPI

from gateway.simulators.clock import Clock, partner_now
from gateway.simulators.journal import Journal
from gateway.simulators.partner import Partner, partner_app
from gateway.simulators.running import Options, main


def ecaf_app(journal: Journal | None = None, *, token: str | None = None, clock: Clock = partner_now) -> FastAPI:
    """Return the eCAF simulator: documents at any path, controls under `/_simulator`."""
    return partner_app(Partner(prefix="ECAF", journal=journal or Journal(), token=token, clock=clock))


def _build(options: Options) -> FastAPI:
    return ecaf_app(Journal(file=options.journal), token=options.token)


if __name__ == "__main__":
    main("ecaf", _build)
