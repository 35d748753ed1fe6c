//! An audience: one recipient is a string, several are an array (RFC 7519 §4.1.3).

use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

/// Whom a token is for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Shape")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = Shape))]
pub struct Audience(Vec<String>);

impl Audience {
    /// The recipients, in order.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

impl From<Vec<String>> for Audience {
    fn from(recipients: Vec<String>) -> Self {
        Self(recipients)
    }
}

impl Serialize for Audience {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [only] => to.serialize_str(only),
            several => several.serialize(to),
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
enum Shape {
    One(String),
    Several(Vec<String>),
}

impl From<Shape> for Audience {
    fn from(shape: Shape) -> Self {
        match shape {
            Shape::One(only) => Self(vec![only]),
            Shape::Several(several) => Self(several),
        }
    }
}
