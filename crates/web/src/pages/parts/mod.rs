//! What several pages share. The markup of a part is in `templates/parts` or `templates/layout.html`.

mod app;
mod code_words;
mod form;
mod layout;
mod moment;
mod person;
mod scope_words;

pub use app::App;
pub(crate) use code_words::code_words;
pub use form::{CSRF_FIELD, Form, FormErrors, HiddenField};
pub use layout::{Layout, SignedInUser, THEME_COOKIE, Theme};
pub use moment::{Moment, lifetime_in_words};
pub use person::Person;
pub use scope_words::ScopeWords;

/// One or two letters that stand in for a missing picture.
pub(crate) fn initials(name: &str) -> String {
    let letters: String = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|letter| letter.is_alphanumeric()))
        .take(2)
        .flat_map(char::to_uppercase)
        .collect();
    if letters.is_empty() { "?".to_owned() } else { letters }
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_the_first_letters_of_two_words() {
        for (name, expected) in
            [("Demo Web", "DW"), ("alice", "A"), ("  (beta) été x", "BÉ"), ("", "?"), ("- !", "?")]
        {
            assert_eq!(initials(name), expected, "{name}");
        }
    }
}
