"""The stream kit: data in motion. Devices → gateway → log → state, lake, rules → domain. No Django here."""
