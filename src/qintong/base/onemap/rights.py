"""May the person behind a request see rows of an entity at all?"""

from django.http import HttpRequest

from qintong.desk.resource import Resource


def may_view(request: HttpRequest, resource: type[Resource]) -> bool:
    return request.scope.allows(resource.permission("view"))  # type: ignore[attr-defined]  # ScopeMiddleware sets it
