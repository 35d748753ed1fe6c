//! What the values of standard claims are made of (OpenID Connect Core 1.0 §5.1, §5.1.1).

use serde_json::Value;
use url::Url;

/// The most characters of a text.
const TEXT_LIMIT: usize = 255;
/// The most characters of the address of a page or picture.
const ADDRESS_LIMIT: usize = 2048;
/// The members of a postal address.
const ADDRESS: [&str; 6] =
    ["formatted", "street_address", "locality", "region", "postal_code", "country"];

/// A line of text that says something.
pub(crate) fn text(value: &Value) -> Result<(), &'static str> {
    let text = bounded(value, TEXT_LIMIT)?;
    require(!text.chars().any(char::is_control), "must not contain control characters")
}

/// Yes or no.
pub(crate) fn flag(value: &Value) -> Result<(), &'static str> {
    require(value.is_boolean(), "must be true or false")
}

/// The address of a page or picture.
pub(crate) fn web_address(value: &Value) -> Result<(), &'static str> {
    let address = bounded(value, ADDRESS_LIMIT)?;
    let is_web = Url::parse(address)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.username().is_empty());
    require(is_web && !address.contains(char::is_whitespace), "must be an http or https URL")
}

/// `YYYY-MM-DD`, `YYYY`, or `0000-MM-DD` where the year is not told.
pub(crate) fn birthdate(value: &Value) -> Result<(), &'static str> {
    let date = bounded(value, TEXT_LIMIT)?;
    let mut parts = date.split('-');
    let mut number = |digits: usize| {
        let part = parts.next()?;
        let is_number = part.len() == digits && part.bytes().all(|it| it.is_ascii_digit());
        is_number.then(|| part.parse::<u32>().ok())?
    };
    let is_date = match (number(4), number(2), number(2)) {
        (Some(_), None, None) => date.len() == 4,
        (Some(year), Some(month), Some(day)) => {
            date.len() == 10 && (1..=days_of(year, month)).contains(&day)
        }
        _ => false,
    };
    require(is_date, "must be YYYY-MM-DD, YYYY or 0000-MM-DD")
}

/// How many days a month has; none if there is no such month. Without a year, February may have 29.
const fn days_of(year: u32, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 0,
    }
}

/// A name of the time zone database: `Europe/London`.
pub(crate) fn zone(value: &Value) -> Result<(), &'static str> {
    let zone = bounded(value, TEXT_LIMIT)?;
    let allowed = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'/' | b'_' | b'+' | b'-');
    require(zone.bytes().all(allowed), "must be a time zone like Europe/London")
}

/// A language tag (RFC 5646): `en-GB`; some write `en_GB`.
pub(crate) fn locale(value: &Value) -> Result<(), &'static str> {
    let tag = bounded(value, TEXT_LIMIT)?;
    let is_subtag = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|it| it.is_ascii_alphanumeric())
    };
    require(tag.split(['-', '_']).all(is_subtag), "must be a language tag like en-GB")
}

/// A postal address, by its parts.
pub(crate) fn address(value: &Value) -> Result<(), &'static str> {
    let parts = value.as_object().ok_or("must be an object")?;
    require(!parts.is_empty(), "must have a part")?;
    for (name, part) in parts {
        require(ADDRESS.contains(&name.as_str()), "has a part that no postal address has")?;
        let text = bounded(part, TEXT_LIMIT)?;
        let is_line = |it: char| !it.is_control() || matches!(it, '\r' | '\n');
        require(text.chars().all(is_line), "must not contain control characters")?;
    }
    Ok(())
}

fn bounded(value: &Value, limit: usize) -> Result<&str, &'static str> {
    let text = value.as_str().ok_or("is not of the right type")?;
    require(!text.trim().is_empty(), "must not be blank")?;
    require(text.chars().count() <= limit, "is too long")?;
    Ok(text)
}

const fn require(holds: bool, reason: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(reason) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_say_something_on_one_line() {
        assert_eq!(text(&json!("Zoë")), Ok(()));
        assert_eq!(text(&json!("é".repeat(255))), Ok(()));
        for (value, reason) in [
            (json!(1), "is not of the right type"),
            (json!(null), "is not of the right type"),
            (json!(" "), "must not be blank"),
            (json!("a\nb"), "must not contain control characters"),
            (json!("é".repeat(256)), "is too long"),
        ] {
            assert_eq!(text(&value), Err(reason), "{value}");
        }
        assert_eq!(flag(&json!(true)), Ok(()));
        assert_eq!(flag(&json!("true")), Err("must be true or false"));
    }

    #[test]
    fn birthdates_are_dates() {
        for date in ["1990-05-04", "1990", "0000-02-29", "2024-02-29", "2000-02-29"] {
            assert_eq!(birthdate(&json!(date)), Ok(()), "{date}");
        }
        for date in [
            "1990-13-01",
            "1990-00-10",
            "1990-02-29",
            "1900-02-29",
            "1990-05-00",
            "1990-05-32",
            "1990-5-4",
            "90",
            "1990-05",
            "1990-05-04-",
            "4 May 1990",
            "+990",
        ] {
            assert!(birthdate(&json!(date)).is_err(), "{date}");
        }
    }

    #[test]
    fn addresses_of_pages_are_on_the_web() {
        for address in ["https://example.com/zoe", "http://example.com"] {
            assert_eq!(web_address(&json!(address)), Ok(()), "{address}");
        }
        for address in [
            "javascript:alert(1)",
            "data:text/html,x",
            "/zoe",
            "ftp://example.com/",
            "https://user@example.com/",
            "https://example.com/a b",
        ] {
            assert!(web_address(&json!(address)).is_err(), "{address}");
        }
    }

    #[test]
    fn places_and_languages_have_their_form() {
        for name in ["Europe/London", "UTC", "Etc/GMT+1", "America/Port-au-Prince"] {
            assert_eq!(zone(&json!(name)), Ok(()), "{name}");
        }
        assert!(zone(&json!("Europe London")).is_err());
        for tag in ["en", "en-GB", "de_AT", "zh-Hant-TW"] {
            assert_eq!(locale(&json!(tag)), Ok(()), "{tag}");
        }
        for tag in ["en-", "en-verylongpart", "e n"] {
            assert!(locale(&json!(tag)).is_err(), "{tag}");
        }
        assert_eq!(address(&json!({"formatted": "1 High Street\r\nOxford"})), Ok(()));
        for part in [
            json!({}),
            json!({"town": "Oxford"}),
            json!({"region": 1}),
            json!("Oxford"),
            json!({"region": "a\u{7}b"}),
        ] {
            assert!(address(&part).is_err(), "{part}");
        }
    }
}
