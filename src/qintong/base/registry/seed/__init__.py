"""A schematic network of the province: routes, structures, waterways (README.md beside the files).

示意数据: hand-written for this project, not a survey. Every row carries `is_schematic`.
"""
