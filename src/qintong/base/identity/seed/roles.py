"""Roles that ship with the product. An administrator may change them; a second seed leaves them alone."""

from collections.abc import Callable, Iterable

from qintong.desk.registry import resources

from ..choices import DataGrade, OfficerKind
from ..roles import Role

MODEL_VERBS = ("view", "add", "change", "delete")


def permissions(rooms: Iterable[str], verbs: Iterable[str], actions: bool = False) -> set[str]:
    """Permissions of every entity of some rooms: the model verbs, and their actions if wanted."""
    found: set[str] = set()
    for label, resource in resources().items():
        room, model = label.split(".")
        if room not in rooms:
            continue
        found.update(f"{room}.{verb}_{model}" for verb in verbs)
        if actions:
            found.update(f"{room}.{action.name}" for action in resource.actions)
    return found


def _viewing(*models: str) -> set[str]:
    return {f"{room}.view_{model}" for room, _, model in (m.partition(".") for m in models)}


MASTER = ("registry", "roads", "command", "onemap", "insight")
PLACES = _viewing("identity.region", "identity.organisation")


def _duty_officer() -> set[str]:
    return permissions(MASTER, ["view"]) | permissions(["command"], ["change"], True) | PLACES


def _road_engineer() -> set[str]:
    network = _viewing("registry.route", "registry.routepoint", "registry.waterway")
    structure = {f"registry.{verb}_structure" for verb in MODEL_VERBS}
    return permissions(["roads"], MODEL_VERBS, True) | network | structure | PLACES


def _county_clerk() -> set[str]:
    seen = permissions(["registry"], ["view"])
    kept = ("company", "person", "vehicle", "structure")
    return seen | {f"registry.{v}_{m}" for m in kept for v in ("add", "change")} | PLACES


def _road_transport_clerk() -> set[str]:
    kept = ("company", "person", "vehicle", "terminal")
    rights = {f"registry.{v}_{m}" for m in kept for v in MODEL_VERBS}
    return (
        rights
        | permissions(["registry"], ["view"], True)
        | permissions(["command"], ["view"])
        | PLACES
    )


def _company_user() -> set[str]:
    own = _viewing("registry.company", "registry.person", "registry.vehicle", "registry.terminal")
    return own | _viewing("registry.vehicleclass", "command.alarm") | {"registry.change_person"}


def _data_administrator() -> set[str]:
    return (
        permissions(["registry", "roads"], MODEL_VERBS, True)
        | permissions(MASTER, ["view"])
        | PLACES
    )


def _system_administrator() -> set[str]:
    kept = ("region", "organisation", "user", "post")
    rights = {f"identity.{verb}_{model}" for model in kept for verb in MODEL_VERBS}
    return rights | {"identity.disable_user", "identity.enable_user", "identity.reset_password"}


ENDING = {"identity.end_login_session", "identity.revoke_api_token", "identity.revoke_role"}


def _security_administrator() -> set[str]:
    kept = ("role", "roleassignment", "securitypolicy")
    rights = {f"identity.{verb}_{model}" for model in kept for verb in MODEL_VERBS}
    seen = _viewing("identity.user", "identity.post", "identity.loginsession", "identity.apitoken")
    return rights | seen | PLACES | ENDING


def _auditor() -> set[str]:
    logs = (
        "auditrecord",
        "loginsession",
        "transferrun",
        "apitoken",
        "user",
        "roleassignment",
        "role",
    )
    return {f"identity.view_{model}" for model in logs} | PLACES | {"identity.view_changes"}


ROLES: tuple[tuple[str, str, str, str, tuple[str, ...], Callable[[], set[str]]], ...] = (
    (
        "duty_officer",
        "值班员",
        "看全部台账和地图，处置告警",
        "",
        (DataGrade.PERSONAL,),
        _duty_officer,
    ),
    ("road_engineer", "路网工程师", "管构造物和桥梁评定", "", (), _road_engineer),
    ("county_clerk", "县级经办员", "登记本县企业、人员、车辆", "", (), _county_clerk),
    (
        "road_transport_clerk",
        "运政经办员",
        "管业户、车辆、人员，准入终端",
        "",
        (DataGrade.PERSONAL, DataGrade.SENSITIVE),
        _road_transport_clerk,
    ),
    (
        "company_user",
        "企业经办人",
        "看本企业的车辆和人员",
        "",
        (DataGrade.PERSONAL,),
        _company_user,
    ),
    ("data_administrator", "数据管理员", "管全部基础数据", "", (), _data_administrator),
    (
        OfficerKind.SYSTEM,
        "系统管理员",
        "管区划、机构、账号；不能授权，不能看审计",
        OfficerKind.SYSTEM,
        (),
        _system_administrator,
    ),
    (
        OfficerKind.SECURITY,
        "安全管理员",
        "管角色、授权、策略；不能建账号",
        OfficerKind.SECURITY,
        (),
        _security_administrator,
    ),
    (
        OfficerKind.AUDITOR,
        "审计管理员",
        "看审计和变更记录；不能改任何数据",
        OfficerKind.AUDITOR,
        (),
        _auditor,
    ),
)


def seed_roles(renew: bool = False) -> int:
    """Adds missing roles; `renew` also brings existing ones back to these rights."""
    for code, name, description, officer_kind, grades, rights in ROLES:
        fields = {
            "name": name,
            "description": description,
            "officer_kind": officer_kind,
            "data_grades": [str(grade) for grade in grades],
            "permissions": sorted(rights()),
        }
        if renew:
            Role.objects.update_or_create(code=code, defaults=fields)
        else:
            Role.objects.get_or_create(code=code, defaults=fields)
    return len(ROLES)
