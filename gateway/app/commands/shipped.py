"""Which tables and rules do commands use that need no installation? Those of this copy of the gateway."""

from functools import cache
from pathlib import Path

from gateway.app.clock import SystemClock
from gateway.app.resources import Resources, read_resources
from gateway.app.settings import Settings
from gateway.consent.policy import Policy
from gateway.consent.rule_book import RuleBook, load_rule_book
from gateway.formats.schema_register import SchemaRegister
from gateway.translation.library import Library, library_of


@cache
def shipped() -> Resources:
    """Return mappings, code lists, schemas and policy from their shipped folders.

    Only the folders of the settings are looked at, so these commands run on a machine where no gateway is installed.
    """
    return read_resources(Settings.model_construct())


@cache
def rules() -> RuleBook:
    """Return all shipped versions of the sharing policy, with what areas and laws add."""
    return load_rule_book(shipped().policies)


def policy_in_force() -> Policy:
    """Return the shipped policy that is in force now, wherever no area has a profile of its own."""
    return rules().at(None, SystemClock().now()).policy


def library() -> Library:
    """Return the translation tables and code lists."""
    return library_of(shipped().mappings, shipped().codes, shipped().aliases)


@cache
def schemas() -> SchemaRegister:
    """Return the schemas."""
    return SchemaRegister(shipped().schemas)


def mappings_folder() -> Path:
    """Return where the translation tables lie."""
    folder: Path = Settings.model_construct().mappings_folder
    return folder
