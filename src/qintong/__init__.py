"""Qintong 秦通: one platform for a province's transport authorities."""
