//! Cursors: opaque, and good for the list that issued them only (zendesk-wire §2.1).

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use domain::{Client, ClientId, Timestamp};
use protocol::Keyring;
use store::clients::{ClientPlace, Side};

/// What every cursor begins with: the form of the rest.
const VERSION: &str = "k1.";
/// How many bytes of the keyring's tag a cursor carries.
const TAG_LENGTH: usize = 32;
/// One more character than a name may have: as many of the last character there is come after
/// every name.
const BEYOND_NAMES: usize = 256;

/// Writes and reads the cursors of one list.
pub(super) struct Cursors<'a> {
    pub(super) keyring: &'a Keyring,
    /// The account, the list, its filters and its order.
    pub(super) list: String,
    /// The key of the order.
    pub(super) key: SortKey,
}

impl Cursors<'_> {
    /// The cursor of a client's place.
    pub(super) fn write(&self, client: &Client) -> String {
        let mut cursor = self.key.bytes_of(client);
        let tag = self.keyring.cursor_tag(&self.list, &cursor);
        cursor.extend_from_slice(&tag);
        format!("{VERSION}{}", BASE64.encode(cursor))
    }

    /// The place that a cursor names; none: it was not issued for this list.
    pub(super) fn read(&self, presented: &str) -> Option<ClientPlace> {
        let cursor = BASE64.decode(presented.strip_prefix(VERSION)?).ok()?;
        let (place, tag) = cursor.split_at_checked(cursor.len().checked_sub(TAG_LENGTH)?)?;
        if !self.keyring.cursor_tag_fits(&self.list, place, tag) {
            return None;
        }
        self.key.place(place)
    }
}

/// What clients can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SortKey {
    CreatedAt,
    UpdatedAt,
    Name,
    Id,
}

impl SortKey {
    /// The names in a query.
    pub(super) const NAMES: [&'static str; 4] = ["id", "name", "created_at", "updated_at"];

    /// The key of a name that was read with [`Self::NAMES`].
    pub(super) fn of(name: &str) -> Self {
        match name {
            "id" => Self::Id,
            "name" => Self::Name,
            "updated_at" => Self::UpdatedAt,
            _ => Self::CreatedAt,
        }
    }

    /// The place of a client.
    pub(super) fn place_of(self, client: &Client) -> ClientPlace {
        match self {
            Self::CreatedAt => ClientPlace::CreatedAt(client.created_at, client.id),
            Self::UpdatedAt => ClientPlace::UpdatedAt(client.updated_at, client.id),
            Self::Name => ClientPlace::Name(client.name.clone(), client.id),
            Self::Id => ClientPlace::Id(client.id),
        }
    }

    /// The place that has every client on this side.
    pub(super) fn end(self, side: Side) -> ClientPlace {
        let (number, name) = match side {
            Side::After => (i64::MIN, String::new()),
            Side::Before => (i64::MAX, char::MAX.to_string().repeat(BEYOND_NAMES)),
        };
        let (at, id) = (Timestamp::from_millis(number), ClientId::new(number));
        match self {
            Self::CreatedAt => ClientPlace::CreatedAt(at, id),
            Self::UpdatedAt => ClientPlace::UpdatedAt(at, id),
            Self::Name => ClientPlace::Name(name, id),
            Self::Id => ClientPlace::Id(id),
        }
    }

    /// The id, then the value of the key.
    fn bytes_of(self, client: &Client) -> Vec<u8> {
        let mut bytes = client.id.get().to_be_bytes().to_vec();
        match self {
            Self::CreatedAt => bytes.extend(client.created_at.as_millis().to_be_bytes()),
            Self::UpdatedAt => bytes.extend(client.updated_at.as_millis().to_be_bytes()),
            Self::Name => bytes.extend(client.name.as_bytes()),
            Self::Id => {}
        }
        bytes
    }

    fn place(self, bytes: &[u8]) -> Option<ClientPlace> {
        let (id, value) = bytes.split_first_chunk::<8>()?;
        let id = ClientId::new(i64::from_be_bytes(*id));
        let moment = || Some(Timestamp::from_millis(i64::from_be_bytes(value.try_into().ok()?)));
        Some(match self {
            Self::CreatedAt => ClientPlace::CreatedAt(moment()?, id),
            Self::UpdatedAt => ClientPlace::UpdatedAt(moment()?, id),
            Self::Name => ClientPlace::Name(String::from_utf8(value.to_vec()).ok()?, id),
            Self::Id => ClientPlace::Id(id),
        })
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        AccountId, ClientAuthenticationMethod, ClientIdentifier, ClientKind, ClientState, UserId,
    };
    use protocol::MasterKey;

    use super::*;

    const KEYS: [SortKey; 4] = [SortKey::CreatedAt, SortKey::UpdatedAt, SortKey::Name, SortKey::Id];

    fn client() -> Client {
        Client {
            id: ClientId::new(4_302_177),
            account_id: AccountId::new(1),
            identifier: ClientIdentifier::parse("photo-album").expect("an identifier"),
            name: "Photo Älbum".to_owned(),
            company: None,
            description: None,
            kind: ClientKind::Public,
            grant_types: None,
            scopes: None,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            authentication_method: ClientAuthenticationMethod::None,
            user_id: UserId::new(7),
            state: ClientState::Active,
            global_at: None,
            secrets: Vec::new(),
            created_at: Timestamp::from_millis(1_777_887_000_123),
            updated_at: Timestamp::from_millis(1_777_887_000_456),
        }
    }

    fn cursors<'a>(keyring: &'a Keyring, list: &str, key: SortKey) -> Cursors<'a> {
        Cursors { keyring, list: list.to_owned(), key }
    }

    #[test]
    fn a_cursor_names_the_place_that_it_was_issued_for() {
        let keyring = Keyring::new(&MasterKey::new([7; 32]));
        for key in KEYS {
            let cursors = cursors(&keyring, "ours", key);
            assert_eq!(cursors.read(&cursors.write(&client())), Some(key.place_of(&client())));
        }
    }

    #[test]
    fn a_foreign_altered_or_made_up_cursor_names_no_place() {
        let keyring = Keyring::new(&MasterKey::new([7; 32]));
        let ours = cursors(&keyring, "ours", SortKey::Name);
        let cursor = ours.write(&client());
        assert_eq!(cursors(&keyring, "theirs", SortKey::Name).read(&cursor), None);
        let other_keyring = Keyring::new(&MasterKey::new([8; 32]));
        assert_eq!(cursors(&other_keyring, "ours", SortKey::Name).read(&cursor), None);
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

    #[test]
    fn every_client_lies_between_the_ends() {
        for key in KEYS {
            let value = |place: ClientPlace| match place {
                ClientPlace::CreatedAt(at, id) | ClientPlace::UpdatedAt(at, id) => {
                    (String::new(), at.as_millis(), id)
                }
                ClientPlace::Name(name, id) => (name, 0, id),
                ClientPlace::Id(id) => (String::new(), 0, id),
            };
            let place = value(key.place_of(&client()));
            assert!(value(key.end(Side::After)) < place && place < value(key.end(Side::Before)));
        }
    }
}
