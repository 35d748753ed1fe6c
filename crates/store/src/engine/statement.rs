//! Statements: SQL text registered once, as a static, under a name.

use std::sync::OnceLock;

/// One SQL text, with `$1` placeholders, that runs on both engines.
#[derive(Debug)]
pub struct Statement {
    name: &'static str,
    sql: &'static str,
    sqlite: OnceLock<String>,
    is_list: bool,
}

impl Statement {
    /// Registers a text under a name; `statements!` is the usual way.
    pub const fn new(name: &'static str, sql: &'static str) -> Self {
        let is_list = contains(sql, "LIMIT $") || contains(sql, "COUNT(");
        Self { name, sql, sqlite: OnceLock::new(), is_list }
    }

    /// Its name: module and constant.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The text as written, as PostgreSQL takes it.
    pub const fn sql(&self) -> &'static str {
        self.sql
    }

    /// Whether it reads as many rows as there are or as its values say.
    pub(crate) const fn is_list(&self) -> bool {
        self.is_list
    }

    /// The text for SQLite, which would take `$2` for a *name* and number it by its position.
    pub fn sqlite_sql(&self) -> &str {
        self.sqlite.get_or_init(|| numbered_for_sqlite(self.sql))
    }
}

/// Whether a text contains a word, while it is compiled.
const fn contains(text: &str, word: &str) -> bool {
    let (text, word) = (text.as_bytes(), word.as_bytes());
    let (mut start, mut length) = (0, 0);
    while length < word.len() && start + length < text.len() {
        if text[start + length] == word[length] {
            length += 1;
        } else {
            (start, length) = (start + 1, 0);
        }
    }
    length == word.len()
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
    use super::{Statement, numbered_for_sqlite};

    #[test]
    fn a_list_is_what_counts_or_has_a_limit() {
        let is_list = |sql| Statement::new("tried", sql).is_list();
        assert!(is_list("SELECT a FROM t ORDER BY a LIMIT $1"));
        assert!(is_list("SELECT COUNT(*) FROM t"));
        assert!(!is_list("SELECT a FROM t WHERE a = $1 LIMIT 1"));
        assert!(!is_list("SELECT 1"));
    }

    #[test]
    fn placeholders_are_numbered_not_named() {
        assert_eq!(
            numbered_for_sqlite("UPDATE t SET a = $2 WHERE b = $1 AND c = '$3' AND d = $12"),
            "UPDATE t SET a = ?2 WHERE b = ?1 AND c = '$3' AND d = ?12"
        );
    }
}
