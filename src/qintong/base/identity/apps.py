from django.contrib.auth.signals import user_logged_in, user_logged_out

from qintong.desk.ports import Ports, plug
from qintong.desk.room import MenuPage, Room


class Identity(Room):
    name = "qintong.base.identity"
    label = "identity"
    verbose_name = "统一身份"
    area = "base"
    task = 1
    icon = "lock"
    order = 10
    pages = (
        MenuPage("区划树", "/identity/region-tree/", "identity.view_region", order=11),
        MenuPage("机构树", "/identity/organisation-tree/", "identity.view_organisation", order=21),
        MenuPage("权限表", "/identity/permissions/", "identity.view_role", order=51),
        MenuPage("授予角色", "/identity/assign/", "identity.add_roleassignment", order=61),
        MenuPage("变更记录", "/identity/changes/", "identity.view_changes", "审计", order=95),
    )

    def ready(self) -> None:
        from .door import scope_of_user, user_of_token  # noqa: PLC0415
        from .saved_filters import SavedFilter  # noqa: PLC0415
        from .sessions import begin_login_session, end_own_login_session  # noqa: PLC0415
        from .transfer_runs import TransferRun  # noqa: PLC0415

        plug(Ports(SavedFilter, TransferRun, scope_of_user, user_of_token))
        # the framework's own hooks: whichever way somebody is signed in, a session row exists
        user_logged_in.connect(begin_login_session, dispatch_uid="identity")
        user_logged_out.connect(end_own_login_session, dispatch_uid="identity")
