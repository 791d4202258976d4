"""The desk kit: an entity declared once becomes list, form, detail, import, export, API and map layer."""
