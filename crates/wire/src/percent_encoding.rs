//! Strict decoding of `application/x-www-form-urlencoded`: what cannot be decoded is refused, not
//! replaced.

use std::borrow::Cow;
use std::str;

/// Decodes one name or value; none if an escape is broken or the result is no UTF-8.
pub(crate) fn form_decode(encoded: &[u8]) -> Option<Cow<'_, str>> {
    if !encoded.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        return str::from_utf8(encoded).ok().map(Cow::Borrowed);
    }
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut bytes = encoded.iter();
    while let Some(&byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => hex_digit(bytes.next())? << 4 | hex_digit(bytes.next())?,
            plain => plain,
        });
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

fn hex_digit(byte: Option<&u8>) -> Option<u8> {
    let digit = char::from(*byte?).to_digit(16)?;
    u8::try_from(digit).ok()
}

#[cfg(test)]
mod tests {
    use super::form_decode;

    #[test]
    fn what_is_well_formed_is_decoded() {
        let table = [
            ("", ""),
            ("plain", "plain"),
            ("a+b", "a b"),
            ("a%20b%2Bc", "a b+c"),
            ("%E2%82%ac", "€"),
            ("%2525", "%25"),
        ];
        for (encoded, decoded) in table {
            assert_eq!(form_decode(encoded.as_bytes()).as_deref(), Some(decoded), "{encoded}");
        }
    }

    #[test]
    fn what_is_broken_is_refused() {
        for encoded in ["%", "%2", "%zz", "%+1", "100%25%", "%FF", "%C3", "%ED%A0%80"] {
            assert_eq!(form_decode(encoded.as_bytes()), None, "{encoded}");
        }
        assert_eq!(form_decode(b"\xff"), None);
    }
}
