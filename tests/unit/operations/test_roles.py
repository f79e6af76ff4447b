"""Who may do what?"""

import pytest

from gateway.app.operations.catalogue import OPERATIONS
from gateway.app.operations.roles import PERMISSIONS, Permission, Role, permissions_of

SEEING = {Permission.READ_MESSAGES, Permission.READ_REVIEWS, Permission.EXPORT_LOG, Permission.RECORD_CONSENT}


def test_every_role_is_in_the_table() -> None:
    assert set(PERMISSIONS) == set(Role)


def test_who_hands_out_accounts_sees_nothing_about_families() -> None:
    administrators = permissions_of(["ADMINISTRATOR"])

    assert not SEEING & administrators
    assert [role for role in Role if Permission.CHANGE_USERS in PERMISSIONS[role]] == [Role.ADMINISTRATOR]


def test_who_adds_partners_opens_no_child_and_decides_nothing() -> None:
    engineers = permissions_of(["INTEGRATION_ENGINEER"])

    assert not {Permission.DECIDE_REVIEWS, Permission.EXPORT_LOG, Permission.RECORD_CONSENT} & engineers


def test_who_may_set_a_protection_may_not_always_lift_it() -> None:
    assert Permission.SET_FLAG in permissions_of(["MASH_SCREENER"])
    assert Permission.LIFT_FLAG not in permissions_of(["MASH_SCREENER"])


def test_a_role_nobody_knows_may_do_nothing() -> None:
    assert permissions_of(["EMPEROR"]) == frozenset()


@pytest.mark.parametrize("permission", list(Permission))
def test_every_permission_is_somebodys_and_opens_something(permission: Permission) -> None:
    holders = [role for role in Role if permission in PERMISSIONS[role]]
    opened = [operation for operation in OPERATIONS.values() if operation.permission is permission]

    assert holders
    assert opened


def test_roles_add_up() -> None:
    both = permissions_of(["AUDITOR", "ADMINISTRATOR"])

    assert both == permissions_of(["AUDITOR"]) | permissions_of(["ADMINISTRATOR"])
