from django.db import migrations

ROSTER = """
CREATE FUNCTION registry_note_roster_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO registry_rosterchange DEFAULT VALUES;
    RETURN NULL;
END $$;
CREATE TRIGGER roster_change AFTER INSERT OR DELETE OR TRUNCATE ON registry_terminal
    FOR EACH STATEMENT EXECUTE FUNCTION registry_note_roster_change();
CREATE TRIGGER roster_change_row AFTER UPDATE ON registry_terminal
    FOR EACH ROW WHEN (
        (OLD.identity, OLD.state, OLD.vehicle_id, OLD.device_number, OLD.token, OLD.edition_pinned)
        IS DISTINCT FROM
        (NEW.identity, NEW.state, NEW.vehicle_id, NEW.device_number, NEW.token, NEW.edition_pinned))
    EXECUTE FUNCTION registry_note_roster_change();
CREATE TRIGGER roster_change_row AFTER UPDATE ON registry_vehicle
    FOR EACH ROW WHEN (
        (OLD.plate_number, OLD.plate_colour, OLD.vehicle_class_id)
        IS DISTINCT FROM (NEW.plate_number, NEW.plate_colour, NEW.vehicle_class_id))
    EXECUTE FUNCTION registry_note_roster_change();
CREATE TRIGGER roster_change_row AFTER UPDATE ON registry_vehicleclass
    FOR EACH ROW WHEN (
        (OLD.speed_limit_kmh, OLD.offline_limit_s)
        IS DISTINCT FROM (NEW.speed_limit_kmh, NEW.offline_limit_s))
    EXECUTE FUNCTION registry_note_roster_change();
"""


class Migration(migrations.Migration):
    """The published roster follows every change of terminals, vehicles and their limits."""

    dependencies = [("registry", "0003_roster")]
    operations = [
        migrations.RunSQL(ROSTER, "DROP FUNCTION registry_note_roster_change() CASCADE")
    ]
