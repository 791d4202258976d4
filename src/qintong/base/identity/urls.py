"""Pages of identity beyond the kit."""

from django.urls import path

from .sign_in import sign_in, sign_out

urlpatterns = [
    path("sign-in/", sign_in, name="sign_in"),
    path("sign-out/", sign_out, name="sign_out"),
]
