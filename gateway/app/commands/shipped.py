"""Which tables and rules do commands use that need no installation? Those of this copy of the gateway."""

from functools import cache
from pathlib import Path

from gateway.app.resources import Resources, read_resources
from gateway.app.settings import Settings
from gateway.consent.policy import Policy, load_policy
from gateway.formats.schema_register import SchemaRegister
from gateway.translation.library import Library


@cache
def shipped() -> Resources:
    """Return mappings, code lists, schemas and policy from their shipped folders.

    Only the folders of the settings are looked at, so these commands run on a machine where no gateway is installed.
    """
    return read_resources(Settings.model_construct())


def policy_in_force() -> Policy:
    """Return the newest shipped policy."""
    return load_policy(shipped().policy)


@cache
def library() -> Library:
    """Return the translation tables and code lists."""
    return Library(shipped().mappings, shipped().codes, shipped().aliases)


@cache
def schemas() -> SchemaRegister:
    """Return the schemas."""
    return SchemaRegister(shipped().schemas)


def mappings_folder() -> Path:
    """Return where the translation tables lie."""
    folder: Path = Settings.model_construct().mappings_folder
    return folder
