//! The stylesheet, script and pictures of the pages: part of the binary, under names that change
//! with the content, so that browsers keep them for good.

use std::hash::{DefaultHasher, Hasher};
use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};

use crate::segment::Segment;

static ASSETS: LazyLock<[Asset; 5]> = LazyLock::new(|| {
    [
        Asset::new("app.css", "text/css; charset=utf-8", include_bytes!("../assets/app.css")),
        Asset::new("app.js", "text/javascript; charset=utf-8", include_bytes!("../assets/app.js")),
        Asset::new(
            "check_session.js",
            "text/javascript; charset=utf-8",
            include_bytes!("../assets/check_session.js"),
        ),
        Asset::new("icons.svg", "image/svg+xml", include_bytes!("../assets/icons.svg")),
        Asset::new("favicon.svg", "image/svg+xml", include_bytes!("../assets/favicon.svg")),
    ]
});

/// `GET /assets/{name}.{hash}.{ext}`. Another hash is another version's: it gets what there is now,
/// uncached, so that a page of one node still looks right when the next node is newer.
pub(crate) async fn show(Segment(file): Segment) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.is_called(&file)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let caching =
        if asset.file == file { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(asset.content_type)),
        (CACHE_CONTROL, HeaderValue::from_static(caching)),
    ];
    (headers, asset.bytes).into_response()
}

/// The path of the asset with this name, as pages refer to it.
pub(crate) fn url(name: &str) -> &'static str {
    ASSETS.iter().find(|asset| asset.name == name).map_or("", |asset| asset.url.as_str())
}

struct Asset {
    name: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
    file: String,
    url: String,
}

impl Asset {
    fn new(name: &'static str, content_type: &'static str, bytes: &'static [u8]) -> Self {
        let mut hasher = DefaultHasher::new();
        hasher.write(bytes);
        let (stem, extension) = split(name);
        let file = format!("{stem}.{:016x}.{extension}", hasher.finish());
        let url = format!("/assets/{file}");
        Self { name, content_type, bytes, file, url }
    }

    fn is_called(&self, file: &str) -> bool {
        let (stem, extension) = split(self.name);
        let hash = file
            .strip_prefix(stem)
            .and_then(|rest| rest.strip_suffix(extension))
            .and_then(|rest| rest.strip_prefix('.')?.strip_suffix('.'));
        hash.is_some_and(|hash| hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()))
    }
}

fn split(name: &'static str) -> (&'static str, &'static str) {
    name.rsplit_once('.').expect("every asset has an extension")
}

#[cfg(test)]
mod tests {
    use super::{ASSETS, Segment, StatusCode, show, url};

    #[tokio::test]
    async fn an_asset_is_kept_for_good_under_its_own_hash_only() {
        let file = url("app.css").trim_start_matches("/assets/").to_owned();
        let kept = show(Segment(file)).await;
        assert_eq!(kept.headers()["cache-control"], "public, max-age=31536000, immutable");
        let other = show(Segment("app.0123456789abcdef.css".to_owned())).await;
        assert_eq!(other.headers()["cache-control"], "no-cache");
        for unknown in ["app.css", "app.0123456789abcdef.js.map", "app..css", "../app.css"] {
            let missing = show(Segment(unknown.to_owned())).await;
            assert_eq!(missing.status(), StatusCode::NOT_FOUND, "{unknown}");
        }
    }

    #[test]
    fn assets_stay_small() {
        for (name, limit) in [("app.css", 25_000), ("app.js", 10_000), ("icons.svg", 10_000)] {
            let asset = ASSETS.iter().find(|asset| asset.name == name).expect("it is in the list");
            assert!(asset.bytes.len() <= limit, "{name} has {} bytes", asset.bytes.len());
        }
    }
}
