"""The eCAF gateway: early-help records go where consent or law lets them, with proof of what happened.

Read from the bottom up: `model` knows the nouns, `formats` the shapes, `consent` says whether, `audit` proves that,
`translation` changes shape, `conversations` say what may happen next, `flows` say when, `adapters` touch the world,
`app` puts it together. docs/architecture.md draws it.
"""

__version__ = "0.1.0"
