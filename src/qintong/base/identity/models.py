from .api_tokens import ApiToken
from .audit_records import AuditRecord
from .login_sessions import LoginSession
from .organisations import Organisation
from .posts import Post
from .regions import Region
from .role_assignments import RoleAssignment
from .roles import Role
from .saved_filters import SavedFilter
from .scope_version import ScopeVersion
from .security_policies import SecurityPolicy
from .sign_in_failures import SignInFailure
from .transfer_runs import TransferRun
from .users import User

__all__ = [
    "ApiToken",
    "AuditRecord",
    "LoginSession",
    "Organisation",
    "Post",
    "Region",
    "Role",
    "RoleAssignment",
    "SavedFilter",
    "ScopeVersion",
    "SecurityPolicy",
    "SignInFailure",
    "TransferRun",
    "User",
]
