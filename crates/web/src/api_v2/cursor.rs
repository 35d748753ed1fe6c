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
