//! The ids of requirements, attack cases and conformance modules, as tests name them: `B-10`, `V10.4.1`, `oidcc-server`, or
//! `fn ru_01_…`.

/// Every id in a line of text; a range such as `V10.3.1–5` counts as each of its members.
pub fn in_text(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    for word in
        line.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '–' | '_')))
    {
        let word = word.trim_matches(['.', '-', '–']);
        if is_dashed(word) || is_module(word) {
            found.push(word.to_owned());
        } else {
            found.extend(dotted(word));
        }
    }
    found
}

/// The id that the name of a test function begins with.
pub fn in_name(name: &str) -> Option<String> {
    let mut parts = name.split('_');
    let first = parts.next()?;
    let numbers: Vec<&str> = parts.take_while(|part| is_number(part)).collect();
    if let Some(chapter) = first.strip_prefix('v').filter(|chapter| is_number(chapter)) {
        return (numbers.len() == 2).then(|| format!("V{chapter}.{}", numbers.join(".")));
    }
    let id = format!("{}-{}", first.to_ascii_uppercase(), numbers.first()?);
    is_dashed(&id).then_some(id)
}

/// The letters of an id: which list it belongs to.
pub fn list(id: &str) -> &str {
    id.split(['-', '.']).next().unwrap_or(id)
}

/// One to three capitals, a dash, two digits.
fn is_dashed(word: &str) -> bool {
    word.split_once('-').is_some_and(|(letters, digits)| {
        (1..=3).contains(&letters.len())
            && letters.bytes().all(|letter| letter.is_ascii_uppercase())
            && digits.len() == 2
            && is_number(digits)
    })
}

/// A module of the OpenID Foundation's conformance suite; a whole plan is none.
fn is_module(word: &str) -> bool {
    word.strip_prefix("oidcc-").is_some_and(|name| !name.is_empty() && !name.ends_with("-plan"))
}

/// `V` and three numbers with dots between, the last one perhaps a range.
fn dotted(word: &str) -> Vec<String> {
    let Some(numbers) = word.strip_prefix('V') else { return Vec::new() };
    let parts: Vec<&str> = numbers.split('.').collect();
    let [chapter, section, last] = parts.as_slice() else { return Vec::new() };
    let (first, last) = last.split_once(['–', '-']).unwrap_or((last, last));
    let (Ok(first), Ok(last)) = (first.parse::<u8>(), last.parse::<u8>()) else {
        return Vec::new();
    };
    if !is_number(chapter) || !is_number(section) {
        return Vec::new();
    }
    (first..=last).map(|number| format!("V{chapter}.{section}.{number}")).collect()
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|letter| letter.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{in_name, in_text};

    #[test]
    fn ids_are_found_in_prose() {
        assert_eq!(in_text("// B-10, V10.4.5: the family dies."), ["B-10", "V10.4.5"]);
        assert_eq!(in_text("// V10.3.1–3"), ["V10.3.1", "V10.3.2", "V10.3.3"]);
        assert!(in_text("SHA-256, UTF-8, RFC 9207, V10.4, x-B-10").is_empty());
    }

    #[test]
    fn modules_are_found_and_plans_are_not() {
        assert_eq!(
            in_text("// oidcc-3rd_party-init-login, O-01."),
            ["oidcc-3rd_party-init-login", "O-01"]
        );
        assert_eq!(in_text("| `oidcc-redirect-uri-query-OK` |"), ["oidcc-redirect-uri-query-OK"]);
        assert!(in_text("oidcc-basic-certification-test-plan").is_empty());
    }

    #[test]
    fn ids_are_found_in_names() {
        assert_eq!(in_name("ru_01_userinfo_is_refused").as_deref(), Some("RU-01"));
        assert_eq!(in_name("v10_4_1_exact_match").as_deref(), Some("V10.4.1"));
        assert_eq!(in_name("a_code_works_once"), None);
    }
}
