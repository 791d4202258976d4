"""Gateways: one package per device protocol. Bytes come in, columns go to the log, answers go out."""
