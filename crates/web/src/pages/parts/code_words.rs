//! Sentences with words in code style, marked by backticks.

/// Splits a sentence at its backticks: each part, and whether it is code.
pub(crate) fn code_words(sentence: &str) -> impl Iterator<Item = (bool, &str)> {
    sentence.split('`').enumerate().map(|(index, part)| (index % 2 == 1, part))
}

#[cfg(test)]
mod tests {
    use super::code_words;

    #[test]
    fn every_second_part_is_code() {
        let parts: Vec<_> = code_words("Send `state` once.").collect();
        assert_eq!(parts, [(false, "Send "), (true, "state"), (false, " once.")]);
    }
}
