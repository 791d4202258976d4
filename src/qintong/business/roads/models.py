from .bridges import Bridge

__all__ = ["Bridge"]
