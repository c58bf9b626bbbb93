"""The statements that make the partitioned log, and the triggers that keep its promises.

In PostgreSQL, a unique index of a partitioned table must contain the column that it is partitioned
by. An event's id must be unique over all months, so a table of its own has the ids of events: a
trigger enters each new row there, and drops the row if its event is known. To a statement with ON
CONFLICT DO NOTHING that looks as before.
"""

from recommendations.services.partitions.months import TABLE

NEW = f"{TABLE}_partitioned"
"""The partitioned table until it takes the name of the old one."""
OLD = f"{TABLE}_before_partitions"
KEYS = f"{TABLE}_event_key"
SEQUENCE = f"{TABLE}_partitioned_id_seq"
MIRROR = f"{TABLE}_mirror"
DEFAULT_PARTITION = f"{TABLE}_default"

CREATE_KEYS = f"""
CREATE TABLE "{KEYS}" (
    user_id bigint, session_id varchar(100), event_id varchar(64) NOT NULL,
    CHECK ((user_id IS NULL) <> (session_id IS NULL))
);
CREATE UNIQUE INDEX "{KEYS}_of_user" ON "{KEYS}" (user_id, event_id) WHERE user_id IS NOT NULL;
CREATE UNIQUE INDEX "{KEYS}_of_visitor" ON "{KEYS}" (session_id, event_id)
    WHERE session_id IS NOT NULL;
"""

CREATE_TABLE = f"""
CREATE SEQUENCE "{SEQUENCE}";
CREATE TABLE "{NEW}" (
    LIKE "{TABLE}" INCLUDING CONSTRAINTS INCLUDING STORAGE,
    PRIMARY KEY (id, "timestamp")
) PARTITION BY RANGE ("timestamp");
ALTER TABLE "{NEW}" ALTER COLUMN id SET DEFAULT nextval('"{SEQUENCE}"');
ALTER SEQUENCE "{SEQUENCE}" OWNED BY "{NEW}".id;
CREATE TABLE "{DEFAULT_PARTITION}" PARTITION OF "{NEW}" DEFAULT;
"""

CREATE_FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION {TABLE}_claim_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.event_id IS NULL THEN
        RETURN NEW;
    END IF;
    INSERT INTO "{KEYS}" VALUES (
        NEW.user_id, CASE WHEN NEW.user_id IS NULL THEN NEW.session_id END, NEW.event_id
    ) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION {TABLE}_release_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM "{KEYS}" WHERE event_id = OLD.event_id AND (
        user_id = OLD.user_id OR (OLD.user_id IS NULL AND session_id = OLD.session_id)
    );
    IF TG_OP = 'UPDATE' AND NEW.event_id IS NOT NULL THEN
        INSERT INTO "{KEYS}" VALUES (
            NEW.user_id, CASE WHEN NEW.user_id IS NULL THEN NEW.session_id END, NEW.event_id
        );
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION {TABLE}_keep_month() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The time of an interaction never changes.';
END $$;

CREATE OR REPLACE FUNCTION {TABLE}_release_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE "{KEYS}";
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION {MIRROR}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO "{NEW}" SELECT NEW.*;
    ELSIF TG_OP = 'UPDATE' THEN
        DELETE FROM "{NEW}" WHERE id = OLD.id AND "timestamp" = OLD."timestamp";
        IF FOUND THEN
            INSERT INTO "{NEW}" SELECT NEW.*;
        END IF;
    ELSE
        DELETE FROM "{NEW}" WHERE id = OLD.id AND "timestamp" = OLD."timestamp";
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION {MIRROR}_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE "{NEW}";
    RETURN NULL;
END $$;
"""  # noqa: S608 - constants

CREATE_TRIGGERS = f"""
CREATE TRIGGER {TABLE}_claim_event BEFORE INSERT ON "{NEW}"
    FOR EACH ROW EXECUTE FUNCTION {TABLE}_claim_event();
CREATE TRIGGER {TABLE}_release_event AFTER DELETE ON "{NEW}"
    FOR EACH ROW WHEN (OLD.event_id IS NOT NULL) EXECUTE FUNCTION {TABLE}_release_event();
CREATE TRIGGER {TABLE}_change_event AFTER UPDATE OF user_id, session_id, event_id ON "{NEW}"
    FOR EACH ROW WHEN (OLD.event_id IS NOT NULL OR NEW.event_id IS NOT NULL)
    EXECUTE FUNCTION {TABLE}_release_event();
CREATE TRIGGER {TABLE}_keep_month BEFORE UPDATE OF "timestamp" ON "{NEW}"
    FOR EACH ROW WHEN (OLD."timestamp" <> NEW."timestamp")
    EXECUTE FUNCTION {TABLE}_keep_month();
CREATE TRIGGER {TABLE}_release_all AFTER TRUNCATE ON "{NEW}"
    FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_release_all();
"""

CREATE_MIRROR = f"""
CREATE TRIGGER {MIRROR} AFTER INSERT OR UPDATE OR DELETE ON "{TABLE}"
    FOR EACH ROW EXECUTE FUNCTION {MIRROR}();
CREATE TRIGGER {MIRROR}_truncate AFTER TRUNCATE ON "{TABLE}"
    FOR EACH STATEMENT EXECUTE FUNCTION {MIRROR}_truncate();
"""
"""Short: it waits for the transactions that write now, and those that come wait for it."""

# A row that is being changed is waited for, and a row that is being copied changes afterwards: the
# copy and the mirror never see different versions of it.
COPY = f"""
INSERT INTO "{NEW}"
SELECT * FROM "{TABLE}" WHERE id > %s AND id <= %s ORDER BY id FOR SHARE
ON CONFLICT DO NOTHING
"""  # noqa: S608 - constants

COMPARE = f"""
SELECT (SELECT row(count(*), sum(hashtextextended("{TABLE}"::text, 0)))::text FROM "{TABLE}"),
       (SELECT row(count(*), sum(hashtextextended("{NEW}"::text, 0)))::text FROM "{NEW}"),
       (SELECT count(*) FROM "{TABLE}" WHERE event_id IS NOT NULL),
       (SELECT count(*) FROM "{KEYS}")
"""  # noqa: S608 - constants
"""One snapshot of both tables, whose text has all columns."""

DROP_ALL = f"""
DROP TRIGGER IF EXISTS {MIRROR} ON "{TABLE}";
DROP TRIGGER IF EXISTS {MIRROR}_truncate ON "{TABLE}";
DROP TABLE IF EXISTS "{NEW}";
DROP TABLE IF EXISTS "{KEYS}";
DROP SEQUENCE IF EXISTS "{SEQUENCE}";
"""

SWAP = f"""
DROP TRIGGER {MIRROR} ON "{TABLE}";
DROP TRIGGER {MIRROR}_truncate ON "{TABLE}";
ALTER TABLE "{TABLE}" RENAME TO "{OLD}";
ALTER TABLE "{NEW}" RENAME TO "{TABLE}";
"""
