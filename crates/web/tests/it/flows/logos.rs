//! Clients' logos: uploaded by admins, drawn anew, shown to everybody.

use std::io::Cursor;

use http::Method;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use protocol::clients;
use serde_json::{Value, json};

use crate::support::{
    CLIENTS, ClientActor, Consent, ORIGIN, OTHER_ORIGIN, PARCEL_DESK, Reply, RequestBuilder,
    TestApp, stories,
};

/// A picture of one colour.
fn picture(colour: u8, format: ImageFormat) -> Vec<u8> {
    let picture = RgbImage::from_pixel(40, 20, Rgb([colour, 0, 0]));
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(picture).write_to(&mut bytes, format).expect("it is encoded");
    bytes.into_inner()
}

fn logo_path(id: i64) -> String {
    format!("/api/v1/clients/{id}/logo")
}

fn upload(id: i64, content_type: &str, bytes: &[u8]) -> RequestBuilder {
    RequestBuilder::by_admin(Method::PUT, &logo_path(id)).body(content_type, bytes)
}

/// Gives a client of the cast a logo; returns its path.
async fn with_logo(app: &TestApp, identifier: &str) -> String {
    let id = app.registered(identifier).await.id.get();
    let png = picture(200, ImageFormat::Png);
    let client = app.send(upload(id, "image/png", &png)).await.expect_api(200).json();
    let url = client["client"]["logo_url"].as_str().expect("a logo").to_owned();
    url.strip_prefix(ORIGIN).expect("at the base URL that was asked").to_owned()
}

async fn logo_url(app: &TestApp, id: i64) -> Value {
    let client = app.admin_get(&format!("{CLIENTS}/{id}")).await.expect(200).json();
    client["client"]["logo_url"].clone()
}

/// The sign-in page and the consent page of a client.
async fn pages_on_the_way(app: &TestApp, client: &ClientActor<'_>) -> [Reply; 2] {
    let request = client.request(&Consent::default());
    let mut anonymous = app.anonymous();
    let sign_in = anonymous.authorize(&request).await;
    let sign_in = anonymous.follow(sign_in).await.expect(200);
    let consent = app.browser("alice").await.authorize(&request).await.expect(200);
    [sign_in, consent]
}

stories! {
    /// Whatever the picture was, what is served is a PNG of ours, that browsers keep for good and take
    /// for nothing else.
    // UI-04, V3.2.1
    async fn a_logo_is_drawn_anew_and_served_as_a_picture_only(app) {
        let id = app.registered("photo-album").await.id.get();
        let formats = [
            ("image/png", ImageFormat::Png),
            ("image/jpeg", ImageFormat::Jpeg),
            ("image/webp", ImageFormat::WebP),
        ];
        let mut paths = Vec::new();
        for (index, (content_type, format)) in formats.into_iter().enumerate() {
            let colour = 50 * (u8::try_from(index).expect("small") + 1);
            let trailer = b"<script>alert(1)</script>PK\x03\x04";
            let bytes = [picture(colour, format).as_slice(), trailer].concat();
            let client = app.send(upload(id, content_type, &bytes)).await.expect_api(200).json();
            let url = client["client"]["logo_url"].as_str().expect("a logo").to_owned();
            assert_eq!(logo_url(app, id).await, url.as_str());
            let logo = app.get(&url).await.expect(200);
            let drawn = image::load_from_memory_with_format(&logo.bytes, ImageFormat::Png);
            let drawn = drawn.expect("a PNG").into_rgba8();
            assert_eq!(drawn.dimensions(), (256, 256));
            assert!(drawn.get_pixel(128, 128).0[0].abs_diff(colour) < 8);
            assert!(!logo.body.contains("script") && !logo.body.contains("PK"));
            for (name, value) in [
                ("content-type", "image/png"),
                ("cache-control", "public, max-age=31536000, immutable"),
                ("x-content-type-options", "nosniff"),
                ("content-security-policy", "default-src 'none'; sandbox; frame-ancestors 'none'"),
                ("content-disposition", "inline; filename=\"logo.png\""),
                ("cross-origin-resource-policy", "cross-origin"),
            ] {
                assert_eq!(logo.header(name), Some(value));
            }
            for name in ["set-cookie", "access-control-allow-origin", "vary"] {
                assert_eq!(logo.header(name), None);
            }
            let etag = logo.header("etag").expect("a tag");
            let again = RequestBuilder::get(&url).header("if-none-match", etag);
            let again = app.send(again).await.expect(304);
            assert_eq!((again.header("etag"), again.bytes.len()), (Some(etag), 0));
            paths.push(url);
        }
        for old in &paths[..2] {
            app.get(old).await.expect(404);
        }
        assert_eq!(app.events("client.logo_set").await.len(), 3);
    }

    /// It stands beside the name wherever people see the app; where there is none, its initials do.
    async fn a_logo_is_shown_where_people_see_the_app(app) {
        let client = app.client("photo-album");
        for page in pages_on_the_way(app, &client).await {
            assert!(!page.body.contains("<img"), "{}", page.body);
        }
        let path = with_logo(app, "photo-album").await;
        let shown = format!("src=\"{path}\" alt=\"\"");
        for page in pages_on_the_way(app, &client).await {
            assert!(page.body.contains(&shown), "{}", page.body);
            let policy = page.header("content-security-policy").expect("a policy");
            assert!(policy.contains("img-src 'self'"));
        }
        client.tokens(&Consent::default()).await;
        app.client("daily-report").tokens(&Consent::default()).await;
        let apps = app.browser("alice").await.get("/account/apps").await.expect(200);
        assert_eq!(apps.body.matches("<img").count(), 1, "{}", apps.body);
        assert!(apps.body.contains(&shown));
    }

    /// What is no picture, or not the one it is said to be, is told so, and changes nothing.
    // UI-04, V3.2.1
    async fn what_is_no_picture_is_refused(app) {
        let id = app.registered("photo-album").await.id.get();
        let png = picture(200, ImageFormat::Png);
        let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>".as_slice();
        let html = b"<!doctype html><script>alert(1)</script>".as_slice();
        let html_in_png = [&png[..33], html].concat();
        let large = vec![0; app.ctx.policy.logos.body_limit + 1];
        for (content_type, bytes, status) in [
            ("image/svg+xml", svg, 415),
            ("text/html", html, 415),
            ("image/gif", b"GIF89a".as_slice(), 415),
            ("application/json", b"{}", 415),
            ("", &png, 415),
            ("image/png", b"", 422),
            ("image/png", svg, 422),
            ("image/png", html, 422),
            ("image/png", &html_in_png, 422),
            ("image/png", &png[..40], 422),
            ("image/jpeg", &png, 422),
            ("image/webp", b"RIFF\x10\0\0\0WEBPVP8 ", 422),
            ("image/png", &large, 413),
        ] {
            let reply = app.send(upload(id, content_type, bytes)).await.expect(status);
            match status {
                415 => {
                    let text = "The body must be image/png, image/jpeg or image/webp.";
                    assert_eq!(reply.text("description"), text);
                }
                422 => assert_eq!(reply.faults(), ["logo InvalidValue"], "{content_type}"),
                _ => assert_eq!(reply.error(), (413, "PayloadTooLarge".to_owned())),
            }
        }
        assert_eq!(logo_url(app, id).await, Value::Null);
        assert!(app.events("client.logo_set").await.is_empty());
    }

    /// A header that claims a picture of any size is believed to be too large, before it is unpacked.
    // UI-04
    async fn a_picture_with_too_many_pixels_is_refused(app) {
        let id = app.registered("photo-album").await.id.get();
        for (width, height) in [(30_000, 30_000), (4097, 1), (1, 4097), (u32::MAX >> 1, 2)] {
            let mut bytes = picture(200, ImageFormat::Png);
            bytes[16..20].copy_from_slice(&u32::to_be_bytes(width));
            bytes[20..24].copy_from_slice(&u32::to_be_bytes(height));
            let sum = crc32fast::hash(&bytes[12..29]).to_be_bytes();
            bytes[29..33].copy_from_slice(&sum);
            let reply = app.send(upload(id, "image/png", &bytes)).await.expect(422);
            let fault = reply.json()["details"]["logo"][0]["description"].clone();
            let expected = "Logo: is too large: use a picture of at most 4,096 by 4,096 pixels";
            assert_eq!(fault, expected, "{width} x {height}");
        }
    }

    /// Once it is taken away, or its client is deleted, it is nowhere.
    async fn a_logo_that_is_gone_is_nowhere(app) {
        let id = app.registered("photo-album").await.id.get();
        let path = with_logo(app, "photo-album").await;
        app.admin_delete(&logo_path(id)).await.expect_api(204);
        assert_eq!(logo_url(app, id).await, Value::Null);
        app.get(&path).await.expect(404);
        app.admin_delete(&logo_path(id)).await.expect_api(204);
        assert_eq!(app.events("client.logo_removed").await.len(), 2);
        let again = with_logo(app, "photo-album").await;
        assert_eq!(again, path, "the same picture is at the same address");
        app.get(&path).await.expect(200);
        app.delete_client("photo-album").await;
        app.get(&path).await.expect(404);
        let png = picture(200, ImageFormat::Png);
        app.send(upload(id, "image/png", &png)).await.expect(404);
    }

    /// One address per picture, at the account's own hosts; near misses are no address.
    // TN-02
    async fn a_logo_has_one_address(app) {
        let path = with_logo(app, "photo-album").await;
        let (id, hash) = path.strip_prefix("/logos/").and_then(|it| it.split_once('-')).expect("both");
        app.get(&path).await.expect(200);
        app.send(RequestBuilder::new(Method::HEAD, &path)).await.expect(200);
        app.send(RequestBuilder::get(&path).at(OTHER_ORIGIN)).await.expect(404);
        for other in [
            format!("/logos/{id}"),
            format!("/logos/{id}-.png"),
            format!("/logos/{id}-0123456789abcdef.png"),
            format!("/logos/0{id}-{hash}"),
            format!("/logos/+{id}-{hash}"),
            format!("/logos/{id}-{}", hash.to_uppercase()),
            format!("/logos/{id}-{hash}.json"),
            format!("/logos/{hash}"),
            format!("/logos/..%2f{id}-{hash}"),
            "/logos/".to_owned(),
        ] {
            app.get(&other).await.expect(404);
        }
    }

    /// Only admins of the client's own account change it, with the scope for it.
    // TN-07
    async fn only_admins_of_the_account_change_a_logo(app) {
        let id = app.registered("photo-album").await.id.get();
        let png = picture(200, ImageFormat::Png);
        for method in [Method::PUT, Method::DELETE] {
            let call = || {
                let call = RequestBuilder::new(method.clone(), &logo_path(id));
                if method == Method::PUT { call.body("image/png", &png) } else { call }
            };
            app.send(call()).await.expect(401);
            for (user, scope) in [("alice", "write"), ("bob", "write"), ("admin", "oauth:read")] {
                let token = app.bearer_of(user, scope).await;
                app.send(call().bearer(&token)).await.expect(403);
            }
            let token = app.bearer_of("admin", "oauth:write").await;
            let elsewhere = call().at(OTHER_ORIGIN).bearer(&token);
            app.send(elsewhere).await.expect(401);
            let status = if method == Method::PUT { 200 } else { 204 };
            app.send(call().bearer(&token)).await.expect(status);
        }
        let foreign = app.account(OTHER_ORIGIN).await;
        let foreign = clients::by_identifier(&app.ctx, &foreign, "elsewhere").await;
        let foreign = foreign.expect("reads").expect("in the cast").id.get();
        for unknown in [foreign, 1 << 50] {
            // Before the body is judged: what is not there needs no picture.
            app.send(upload(unknown, "text/html", b"x")).await.expect(404);
            app.admin_delete(&logo_path(unknown)).await.expect(404);
        }
    }

    /// A global client's logo is shown at every account's own host, and is not theirs to change.
    // TN-04
    async fn a_global_clients_logo_is_shown_everywhere(app) {
        app.add_parcel_desk().await;
        let path = with_logo(app, PARCEL_DESK).await;
        let id = app.promote(PARCEL_DESK).await;
        for origin in [ORIGIN, OTHER_ORIGIN] {
            app.send(RequestBuilder::get(&path).at(origin)).await.expect(200);
        }
        let png = picture(100, ImageFormat::Png);
        app.send(upload(id, "image/png", &png)).await.expect(404);
        app.client(PARCEL_DESK).tokens(&Consent::default()).await;
        app.send(upload(id, "image/png", &png)).await.expect(403);
        app.get(&path).await.expect(200);
    }

    /// What an update of the client says of a logo means nothing.
    // TN-03
    async fn a_logo_is_set_by_upload_alone(app) {
        let id = app.registered("photo-album").await.id.get();
        let path = with_logo(app, "photo-album").await;
        let body = json!({"client": {"name": "New name", "logo_url": "https://evil.example/x.svg"}});
        let client = app.admin_put(&format!("{CLIENTS}/{id}"), &body).await.expect(200).json();
        assert_eq!(client["client"]["logo_url"], format!("{ORIGIN}{path}").as_str());
    }
}
