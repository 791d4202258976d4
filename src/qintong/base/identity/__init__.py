"""一把锁: who may sign in, and what each may see and do.

Plan, task 1: 统一身份认证, 一次登录、全网通行. Entities: Region, Organisation, User, Post, Role,
RoleAssignment, LoginSession, SecurityPolicy, AuditRecord, ApiToken, SavedFilter, TransferRun.
"""
