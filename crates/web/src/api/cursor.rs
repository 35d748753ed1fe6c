//! Cursors: opaque, and good for the list that issued them only (zendesk-wire §2.1).

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use domain::Timestamp;
use protocol::Keyring;
use store::{Place, Shape};

/// What every cursor begins with: the form of the rest.
const VERSION: &str = "k1.";
/// How many bytes of the keyring's tag a cursor carries.
const TAG_LENGTH: usize = 32;

/// Writes and reads the cursors of one list.
pub(super) struct Cursors<'a> {
    pub(super) keyring: &'a Keyring,
    /// The account, the list, its filters and its order.
    pub(super) list: String,
    /// What its places are made of.
    pub(super) shape: Shape,
}

impl Cursors<'_> {
    /// The cursor of a place.
    pub(super) fn write(&self, place: &Place) -> String {
        let mut cursor = bytes_of(place);
        let tag = self.keyring.cursor_tag(&self.list, &cursor);
        cursor.extend_from_slice(&tag);
        format!("{VERSION}{}", BASE64.encode(cursor))
    }

    /// The place that a cursor names; none: it was not issued for this list.
    pub(super) fn read(&self, presented: &str) -> Option<Place> {
        let cursor = BASE64.decode(presented.strip_prefix(VERSION)?).ok()?;
        let (place, tag) = cursor.split_at_checked(cursor.len().checked_sub(TAG_LENGTH)?)?;
        if !self.keyring.cursor_tag_fits(&self.list, place, tag) {
            return None;
        }
        place_of(self.shape, place)
    }
}

/// The id, then the value of the key.
fn bytes_of(place: &Place) -> Vec<u8> {
    let (Place::Id(id) | Place::At(_, id) | Place::Text(_, id)) = place;
    let mut bytes = id.to_be_bytes().to_vec();
    match place {
        Place::Id(_) => {}
        Place::At(at, _) => bytes.extend(at.as_millis().to_be_bytes()),
        Place::Text(text, _) => bytes.extend(text.as_bytes()),
    }
    bytes
}

fn place_of(shape: Shape, bytes: &[u8]) -> Option<Place> {
    let (id, value) = bytes.split_first_chunk::<8>()?;
    let id = i64::from_be_bytes(*id);
    Some(match shape {
        Shape::Id => Place::Id(id),
        Shape::At => {
            Place::At(Timestamp::from_millis(i64::from_be_bytes(value.try_into().ok()?)), id)
        }
        Shape::Text => Place::Text(String::from_utf8(value.to_vec()).ok()?, id),
    })
}

#[cfg(test)]
mod tests {
    use protocol::MasterKey;

    use super::*;

    const ID: i64 = 4_302_177;

    fn cursors<'a>(keyring: &'a Keyring, list: &str, shape: Shape) -> Cursors<'a> {
        Cursors { keyring, list: list.to_owned(), shape }
    }

    #[test]
    fn a_cursor_names_the_place_that_it_was_issued_for() {
        let keyring = Keyring::new(&MasterKey::new([7; 32]));
        for (shape, place) in [
            (Shape::Id, Place::Id(ID)),
            (Shape::At, Place::At(Timestamp::from_millis(1_777_887_000_123), ID)),
            (Shape::Text, Place::Text("Photo Älbum".to_owned(), ID)),
        ] {
            let cursors = cursors(&keyring, "ours", shape);
            assert_eq!(cursors.read(&cursors.write(&place)), Some(place));
        }
    }

    #[test]
    fn a_foreign_altered_or_made_up_cursor_names_no_place() {
        let keyring = Keyring::new(&MasterKey::new([7; 32]));
        let ours = cursors(&keyring, "ours", Shape::Text);
        let cursor = ours.write(&Place::Text("Photo Älbum".to_owned(), ID));
        assert_eq!(cursors(&keyring, "theirs", Shape::Text).read(&cursor), None);
        let other_keyring = Keyring::new(&MasterKey::new([8; 32]));
        assert_eq!(cursors(&other_keyring, "ours", Shape::Text).read(&cursor), None);
        for at in 0..cursor.len() {
            let mut altered = cursor.clone().into_bytes();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).expect("it is ASCII");
            assert_eq!(ours.read(&altered), None, "byte {at}");
        }
        for made_up in ["", "k1.", "k1.AAAA", "k2.AAAA", "4302177"] {
            assert_eq!(ours.read(made_up), None, "{made_up}");
        }
    }
}
