"""Pages of identity beyond the kit."""

from django.urls import path

from . import account, permission_matrix, trees
from .assign import assign
from .change_records import changes
from .sign_in import sign_in, sign_out

urlpatterns = [
    path("sign-in/", sign_in, name="sign_in"),
    path("sign-out/", sign_out, name="sign_out"),
    path("account/", account.account, name="account"),
    path("account/password/", account.change_password, name="change_password"),
    path("account/looks/", account.save_looks, name="save_looks"),
    path("account/tokens/", account.make_token, name="make_token"),
    path("account/tokens/<int:pk>/revoke/", account.revoke_own_token, name="revoke_own_token"),
    path("account/sessions/<uuid:sid>/end/", account.end_own_session, name="end_own_session"),
    path("identity/assign/", assign, name="assign"),
    path("identity/permissions/", permission_matrix.matrix, name="permission_matrix"),
    path(
        "identity/permissions/<slug:code>/",
        permission_matrix.change_role_permissions,
        name="role_permissions",
    ),
    path("identity/organisation-tree/", trees.organisation_tree, name="organisation_tree"),
    path("identity/region-tree/", trees.region_tree, name="region_tree"),
    path("identity/changes/", changes, name="changes"),
]
