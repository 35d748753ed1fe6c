//! Secrets, codes and tokens as they are printed: their first ten characters.

/// The characters of a secret that are shown; they tell its kind, and it from another.
const SHOWN: usize = 10;

/// Longer words with a digit or capital are taken for secrets; names are shorter or plain.
const LONGEST_NAME: usize = 23;

/// The text with everything that could be a secret cut short.
pub(super) fn shortened(text: &str) -> String {
    text.split_inclusive(|c| !is_of_word(c)).map(word).collect()
}

fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_' || c == '~'
}

/// A word with the one character that ends it.
fn word(piece: &str) -> String {
    let word = piece.trim_end_matches(|c| !is_of_word(c));
    let is_random = word.bytes().any(|it| it.is_ascii_digit() || it.is_ascii_uppercase());
    if word.len() <= LONGEST_NAME || !is_random {
        return piece.to_owned();
    }
    format!("{}…{}", &word[..SHOWN], &piece[word.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_cut_and_names_are_not() {
        let token = "cstat_Qm8rHb3nW6sYq1XzLk8pTd5VcJm0RfUa7GgEi2SoNtBwKx9";
        for (text, shown) in [
            (format!("Bearer {token}"), "Bearer cstat_Qm8r…"),
            (
                format!(r#"{{"access_token":"{token}","x":1}}"#),
                r#"{"access_token":"cstat_Qm8r…","x":1}"#,
            ),
            (
                format!("/oauth/authorizations/{token}/decision"),
                "/oauth/authorizations/cstat_Qm8r…/decision",
            ),
            ("9f".repeat(32), "9f9f9f9f9f…"),
            ("http://127.0.0.1:9801/callback".to_owned(), "http://127.0.0.1:9801/callback"),
            (
                "authorization_response_iss_parameter_supported".to_owned(),
                "authorization_response_iss_parameter_supported",
            ),
            ("2026-05-04T09:30:00Z 4302177".to_owned(), "2026-05-04T09:30:00Z 4302177"),
        ] {
            assert_eq!(shortened(&text), shown);
        }
    }
}
