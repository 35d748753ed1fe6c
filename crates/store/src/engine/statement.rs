//! Statements: SQL text registered once, as a static, under a name.

use std::sync::OnceLock;

/// One SQL text, with `$1` placeholders, that runs on both engines.
#[derive(Debug)]
pub struct Statement {
    name: &'static str,
    sql: &'static str,
    sqlite: OnceLock<String>,
}

impl Statement {
    /// Registers a text under a name; `statements!` is the usual way.
    pub const fn new(name: &'static str, sql: &'static str) -> Self {
        Self { name, sql, sqlite: OnceLock::new() }
    }

    /// Its name: module and constant.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The text as written, as PostgreSQL takes it.
    pub const fn sql(&self) -> &'static str {
        self.sql
    }

    /// The text for SQLite, which would take `$2` for a *name* and number it by its position.
    pub fn sqlite_sql(&self) -> &str {
        self.sqlite.get_or_init(|| numbered_for_sqlite(self.sql))
    }
}

/// Turns each `$n` outside a string literal into `?n`.
fn numbered_for_sqlite(sql: &str) -> String {
    let mut quoted = false;
    let mut text = String::with_capacity(sql.len());
    let mut characters = sql.chars().peekable();
    while let Some(character) = characters.next() {
        quoted ^= character == '\'';
        let placeholder =
            character == '$' && !quoted && characters.peek().is_some_and(char::is_ascii_digit);
        text.push(if placeholder { '?' } else { character });
    }
    text
}

/// Registers statements as statics, and all of them together as `ALL`.
///
/// ```
/// # extern crate consentry_store as store;
/// store::statements! {
///     /// Reads one answer.
///     ANSWER: "SELECT 42 WHERE 1 = $1";
/// }
/// assert_eq!(ALL.len(), 1);
/// assert_eq!(ANSWER.sqlite_sql(), "SELECT 42 WHERE 1 = ?1");
/// ```
#[macro_export]
macro_rules! statements {
    ($($(#[$meta:meta])* $name:ident: $sql:expr;)+) => {
        $(
            $(#[$meta])*
            pub(crate) static $name: $crate::engine::Statement =
                $crate::engine::Statement::new(concat!(module_path!(), "::", stringify!($name)), $sql);
        )+
        /// Every statement of this module, for the conformance suite.
        pub(crate) static ALL: &[&$crate::engine::Statement] = &[$(&$name),+];
    };
}

#[cfg(test)]
mod tests {
    use super::numbered_for_sqlite;

    #[test]
    fn placeholders_are_numbered_not_named() {
        assert_eq!(
            numbered_for_sqlite("UPDATE t SET a = $2 WHERE b = $1 AND c = '$3' AND d = $12"),
            "UPDATE t SET a = ?2 WHERE b = ?1 AND c = '$3' AND d = ?12"
        );
    }
}
