//! The few words in braces that the engines spell differently.
//!
//! | word | SQLite | PostgreSQL |
//! |---|---|---|
//! | `{text}` | `TEXT` | `TEXT COLLATE "C"` |
//! | `{bytes}` | `BLOB` | `BYTEA` |
//! | `){clustered}` | the table is its primary key | |
//! | `){by_bucket}` | the table is its primary key | partitioned by ranges of `bucket` |
//! | `{default_partition:t}` | no statement | the partition for what has none of its own |

/// The engine for which a migration is spelled out.
#[derive(Clone, Copy)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// The statements of a migration. Each ends with its line; comments have lines of their own.
    pub(super) fn statements(self, text: &str) -> Result<Vec<String>, String> {
        let mut statements = Vec::new();
        let mut statement = String::new();
        let lines = text.lines().map(str::trim_end);
        for line in lines.filter(|line| !line.is_empty() && !line.trim_start().starts_with("--")) {
            self.spell(line, &mut statement)?;
            statement.push('\n');
            if line.ends_with(';') || line.starts_with("{default_partition:") {
                statements.push(std::mem::take(&mut statement));
            }
        }
        if !statement.is_empty() {
            return Err(format!("the last statement has no semicolon: {statement}"));
        }
        statements.retain(|statement| !statement.trim().is_empty());
        Ok(statements)
    }

    fn spell(self, line: &str, statement: &mut String) -> Result<(), String> {
        let mut rest = line;
        while let Some((before, after)) = rest.split_once('{') {
            let (word, after) =
                after.split_once('}').ok_or_else(|| format!("a brace stays open: {line}"))?;
            statement.push_str(before);
            statement.push_str(&self.word(word)?);
            rest = after;
        }
        statement.push_str(rest);
        Ok(())
    }

    fn word(self, word: &str) -> Result<String, String> {
        if let Some(table) = word.strip_prefix("default_partition:") {
            return Ok(match self {
                Self::Sqlite => String::new(),
                Self::Postgres => {
                    format!("CREATE TABLE {table}_default PARTITION OF {table} DEFAULT;")
                }
            });
        }
        let spelled = match (word, self) {
            ("text", Self::Sqlite) => "TEXT",
            ("text", Self::Postgres) => "TEXT COLLATE \"C\"",
            ("bytes", Self::Sqlite) => "BLOB",
            ("bytes", Self::Postgres) => "BYTEA",
            ("clustered" | "by_bucket", Self::Sqlite) => " WITHOUT ROWID",
            ("clustered", Self::Postgres) => "",
            ("by_bucket", Self::Postgres) => " PARTITION BY RANGE (bucket)",
            _ => return Err(format!("no engine knows the word {{{word}}}")),
        };
        Ok(spelled.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::Dialect;

    const TEXT: &str = "-- A comment; with {words}.\nCREATE TABLE t (\n  bucket BIGINT, name {text}, hash {bytes}\n){by_bucket};\n\n{default_partition:t}\n";

    #[test]
    fn each_engine_gets_its_own_words() {
        let sqlite = Dialect::Sqlite.statements(TEXT).expect("spelled");
        assert_eq!(
            sqlite,
            ["CREATE TABLE t (\n  bucket BIGINT, name TEXT, hash BLOB\n) WITHOUT ROWID;\n"]
        );
        let postgres = Dialect::Postgres.statements(TEXT).expect("spelled");
        assert_eq!(
            postgres,
            [
                "CREATE TABLE t (\n  bucket BIGINT, name TEXT COLLATE \"C\", hash BYTEA\n) PARTITION BY RANGE (bucket);\n",
                "CREATE TABLE t_default PARTITION OF t DEFAULT;\n",
            ]
        );
    }

    #[test]
    fn an_unknown_word_and_an_open_end_are_refused() {
        assert!(Dialect::Sqlite.statements("CREATE TABLE t (a {number});").is_err());
        assert!(Dialect::Sqlite.statements("CREATE TABLE t (a {text);").is_err());
        assert!(Dialect::Sqlite.statements("CREATE TABLE t (a BIGINT)").is_err());
    }
}
