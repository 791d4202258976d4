from django.db import migrations

SCOPE_VERSION = """
INSERT INTO identity_scopeversion (id, number) VALUES (1, 1);

CREATE FUNCTION identity_move_scope_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE identity_scopeversion SET number = number + 1 WHERE id = 1;
    RETURN NULL;
END $$;

CREATE TRIGGER scope_version AFTER INSERT OR UPDATE OR DELETE ON identity_roleassignment
    FOR EACH STATEMENT EXECUTE FUNCTION identity_move_scope_version();
CREATE TRIGGER scope_version AFTER UPDATE OR DELETE ON identity_role
    FOR EACH STATEMENT EXECUTE FUNCTION identity_move_scope_version();
CREATE TRIGGER scope_version AFTER DELETE ON identity_user
    FOR EACH STATEMENT EXECUTE FUNCTION identity_move_scope_version();
CREATE TRIGGER scope_version_changed AFTER UPDATE ON identity_user
    FOR EACH ROW WHEN (to_jsonb(OLD) - 'last_login' IS DISTINCT FROM to_jsonb(NEW) - 'last_login')
    EXECUTE FUNCTION identity_move_scope_version();
CREATE TRIGGER scope_version AFTER UPDATE ON identity_organisation
    FOR EACH ROW WHEN (OLD.path IS DISTINCT FROM NEW.path OR OLD.name IS DISTINCT FROM NEW.name)
    EXECUTE FUNCTION identity_move_scope_version();
CREATE TRIGGER scope_version AFTER UPDATE ON identity_region
    FOR EACH ROW WHEN (OLD.code IS DISTINCT FROM NEW.code)
    EXECUTE FUNCTION identity_move_scope_version();
CREATE TRIGGER scope_version AFTER UPDATE ON identity_loginsession
    FOR EACH ROW WHEN (OLD.ended_at IS DISTINCT FROM NEW.ended_at)
    EXECUTE FUNCTION identity_move_scope_version();
CREATE TRIGGER scope_version_gone AFTER DELETE ON identity_loginsession
    FOR EACH STATEMENT EXECUTE FUNCTION identity_move_scope_version();
"""
SCOPE_VERSION_UNDO = """
DROP FUNCTION identity_move_scope_version() CASCADE;
DELETE FROM identity_scopeversion;
"""

AUDIT_CHAIN = """
CREATE FUNCTION identity_audit_hash(previous text, r identity_auditrecord) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(previous || jsonb_build_array(
        r.id, extract(epoch FROM r.at), r.actor_id, r.actor_name, r.sid, host(r.address), r.act,
        r.object_type, r.object_key, r.purpose, r.result, r.facts
    )::text, 'UTF8')), 'hex')
$$;

CREATE FUNCTION identity_audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('identity_auditrecord'));
    SELECT id, hash INTO last FROM identity_auditrecord ORDER BY id DESC LIMIT 1;
    NEW.id := coalesce(last.id, 0) + 1;
    NEW.previous_hash := coalesce(last.hash, '');
    NEW.hash := identity_audit_hash(NEW.previous_hash, NEW);
    RETURN NEW;
END $$;
CREATE TRIGGER audit_chain BEFORE INSERT ON identity_auditrecord
    FOR EACH ROW EXECUTE FUNCTION identity_audit_chain();

CREATE FUNCTION identity_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '审计记录只增不改：% 被拒绝', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON identity_auditrecord
    FOR EACH ROW EXECUTE FUNCTION identity_audit_refuse();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON identity_auditrecord
    FOR EACH STATEMENT EXECUTE FUNCTION identity_audit_refuse();
"""
AUDIT_CHAIN_UNDO = """
DROP FUNCTION identity_audit_chain() CASCADE;
DROP FUNCTION identity_audit_refuse() CASCADE;
DROP FUNCTION identity_audit_hash(text, identity_auditrecord);
"""

OFFICERS = """
CREATE FUNCTION identity_one_officer_kind() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wanted text; held text;
BEGIN
    SELECT officer_kind INTO wanted FROM identity_role WHERE id = NEW.role_id;
    SELECT officer_kind INTO held FROM identity_user WHERE id = NEW.user_id;
    IF wanted IS DISTINCT FROM held THEN
        RAISE EXCEPTION '三员分立：这个角色只能授予同类的三员，三员也不得有其他角色'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_one_officer_kind';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER one_officer_kind BEFORE INSERT OR UPDATE ON identity_roleassignment
    FOR EACH ROW EXECUTE FUNCTION identity_one_officer_kind();

CREATE FUNCTION identity_officer_kind_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM identity_roleassignment a JOIN identity_role r ON r.id = a.role_id
               WHERE (TG_TABLE_NAME = 'identity_user' AND a.user_id = NEW.id
                      OR TG_TABLE_NAME = 'identity_role' AND a.role_id = NEW.id)) THEN
        RAISE EXCEPTION '三员分立：有授权时不能改三员类别，先收回授权'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'officer_kind_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER officer_kind_stays BEFORE UPDATE OF officer_kind ON identity_user
    FOR EACH ROW WHEN (OLD.officer_kind IS DISTINCT FROM NEW.officer_kind)
    EXECUTE FUNCTION identity_officer_kind_stays();
CREATE TRIGGER officer_kind_stays BEFORE UPDATE OF officer_kind ON identity_role
    FOR EACH ROW WHEN (OLD.officer_kind IS DISTINCT FROM NEW.officer_kind)
    EXECUTE FUNCTION identity_officer_kind_stays();
"""
OFFICERS_UNDO = """
DROP FUNCTION identity_one_officer_kind() CASCADE;
DROP FUNCTION identity_officer_kind_stays() CASCADE;
"""


class Migration(migrations.Migration):
    """Scope version counter, audit chain and the separation of the three officers, in the database."""

    dependencies = [("identity", "0002_initial")]
    operations = [
        migrations.RunSQL(SCOPE_VERSION, SCOPE_VERSION_UNDO),
        migrations.RunSQL(AUDIT_CHAIN, AUDIT_CHAIN_UNDO),
        migrations.RunSQL(OFFICERS, OFFICERS_UNDO),
    ]
