//! Step 16: witnesses, both ways.
//!
//! `witnessed` is what this server cosigned last of each ledger that it witnesses: its memory,
//! which only grows, whoever writes to it. `witness_evidence` holds pairs of heads of one ledger
//! that do not fit together; nothing is ever taken out of it. `cosignatures` are those that
//! witnesses gave to ledgers of this server, one line of a signed note each.

use sea_orm_migration::prelude::*;

/// The step.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0016_witnesses"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let spell = |words: &[(&str, &str)]| {
            words.iter().fold(TEXT.to_owned(), |text, (word, own)| text.replace(word, own))
        };
        let sqlite = [spell(&SQLITE_TYPES).as_str(), SQLITE_GUARDS].concat();
        let postgres = [spell(&POSTGRES_TYPES).as_str(), POSTGRES_GUARDS].concat();
        super::run(manager, &sqlite, &postgres).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// The words in which the two databases differ; the texts are otherwise the same.
const SQLITE_TYPES: [(&str, &str); 4] = [
    ("{int}", "INTEGER"),
    ("{bytes}", "BLOB"),
    ("{text}", "TEXT"),
    ("{keyed}", "STRICT, WITHOUT ROWID"),
];
const POSTGRES_TYPES: [(&str, &str); 4] =
    [("{int}", "BIGINT"), ("{bytes}", "BYTEA"), ("{text}", "TEXT COLLATE \"C\""), ("{keyed}", "")];

const TEXT: &str = r"
CREATE TABLE witnessed (
    origin {text} NOT NULL PRIMARY KEY,
    size {int} NOT NULL CHECK (size BETWEEN 0 AND 9007199254740991),
    root {bytes} NOT NULL CHECK (length(root) = 32),
    checkpoint {text} NOT NULL,
    cosigned_at {int} NOT NULL CHECK (cosigned_at > 0)
) {keyed};

CREATE TABLE witness_evidence (
    origin {text} NOT NULL,
    digest {text} NOT NULL CHECK (length(digest) = 64),
    proven {int} NOT NULL CHECK (proven IN (0, 1)),
    held {text} NOT NULL,
    submitted {text} NOT NULL,
    seen_at {int} NOT NULL,
    PRIMARY KEY (origin, digest)
) {keyed};

CREATE TABLE cosignatures (
    chapter {int} NOT NULL REFERENCES chapters (id),
    before {int} NOT NULL CHECK (before >= 0),
    size {int} NOT NULL CHECK (size BETWEEN 1 AND 9007199254740991),
    witness {text} NOT NULL,
    root {bytes} NOT NULL CHECK (length(root) = 32),
    line {text} NOT NULL,
    cosigned_at {int} NOT NULL CHECK (cosigned_at >= 0),
    PRIMARY KEY (chapter, before, size, witness)
) {keyed};
CREATE INDEX cosignatures_witness ON cosignatures (chapter, before, witness, size);
";

const SQLITE_GUARDS: &str = r"
CREATE TRIGGER witnessed_only_grows BEFORE UPDATE ON witnessed
WHEN NEW.origin <> OLD.origin OR NEW.size < OLD.size
    OR (NEW.size = OLD.size AND NEW.root <> OLD.root)
BEGIN SELECT RAISE(ABORT, 'what was witnessed only grows'); END;
CREATE TRIGGER witnessed_never_leaves BEFORE DELETE ON witnessed
BEGIN SELECT RAISE(ABORT, 'what was witnessed is never removed'); END;
CREATE TRIGGER witnessed_is_new BEFORE INSERT ON witnessed
WHEN EXISTS (SELECT 1 FROM witnessed WHERE origin = NEW.origin)
BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: witnessed'); END;
CREATE TRIGGER witness_evidence_never_changes BEFORE UPDATE ON witness_evidence
BEGIN SELECT RAISE(ABORT, 'evidence is never changed'); END;
CREATE TRIGGER witness_evidence_never_leaves BEFORE DELETE ON witness_evidence
BEGIN SELECT RAISE(ABORT, 'evidence is never removed'); END;
";

/// The same guards on PostgreSQL; `ledger_refuses` is of step 1.
const POSTGRES_GUARDS: &str = r"
CREATE FUNCTION witnessed_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.origin <> OLD.origin OR NEW.size < OLD.size
        OR (NEW.size = OLD.size AND NEW.root <> OLD.root) THEN
        RAISE EXCEPTION 'what was witnessed only grows';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER witnessed_only_grows BEFORE UPDATE ON witnessed
    FOR EACH ROW EXECUTE FUNCTION witnessed_grows();
CREATE TRIGGER witnessed_never_leaves BEFORE DELETE ON witnessed
    FOR EACH ROW EXECUTE FUNCTION ledger_refuses();
CREATE TRIGGER witnessed_never_empty BEFORE TRUNCATE ON witnessed
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuses();
CREATE TRIGGER witness_evidence_never_changes BEFORE UPDATE OR DELETE ON witness_evidence
    FOR EACH ROW EXECUTE FUNCTION ledger_refuses();
CREATE TRIGGER witness_evidence_never_empty BEFORE TRUNCATE ON witness_evidence
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuses();
";
