//! Apps hear of the end of a session through the browser (OpenID Connect Front-Channel Logout 1.0), with the modules of
//! the OpenID Foundation's plan for it.

use domain::ClientMetadata;
use scraper::{Html, Selector};

use crate::support::{RelyingParty, Reply, WAY_BACK, stories};

fn framed(uri: &str) -> ClientMetadata {
    ClientMetadata {
        frontchannel_logout_uri: Some(uri.to_owned()),
        frontchannel_logout_session_required: true,
        ..ClientMetadata::default()
    }
}

/// The addresses of the frames of a page.
fn frames(page: &Reply) -> Vec<String> {
    let frames = Selector::parse("iframe").expect("a valid selector");
    let document = Html::parse_document(&page.body);
    let sources = document.select(&frames).filter_map(|frame| frame.attr("src"));
    sources.map(str::to_owned).collect()
}

fn policy(page: &Reply) -> &str {
    page.header("content-security-policy").expect("a policy")
}

stories! {
    /// The page after signing out frames the apps of the session, with `iss` and `sid`, and nothing else; then the
    /// browser goes on to where the app wants it.
    // oidcc-frontchannel-rp-initiated-logout, oidcc-frontchannel-logout-discovery-endpoint-verification
    async fn the_apps_of_the_session_are_framed(app) {
        app.set_metadata("photo-album", framed("https://app.example.com/gone?keep=1")).await;
        app.set_metadata("web-player", framed("https://player.example.com:8443/gone")).await;
        app.set_metadata("daily-report", framed("https://report.example.com/gone")).await;
        app.allow_way_back("photo-album", &[WAY_BACK]).await;
        let mut browser = app.browser("alice").await;
        app.client("photo-album").tokens_in(&mut browser, "openid read").await;
        app.client("web-player").tokens_in(&mut browser, "openid read").await;
        let (sid, hint) = (app.sid(&browser).await, app.id_token_in(&browser, "photo-album").await);
        let parameters =
            [("id_token_hint", &*hint), ("post_logout_redirect_uri", WAY_BACK), ("state", "x")];
        let reply = browser.log_out(&parameters).await.expect(303);
        assert!(reply.location().starts_with("/logout?resume="));
        assert!(reply.header("set-cookie").expect("removed").contains("Max-Age=0"));
        let page = browser.follow(reply).await.expect(200);

        let known = format!("iss=http%3A%2F%2F127.0.0.1%3A8080&sid={sid}");
        let expected = [
            format!("https://app.example.com/gone?keep=1&{known}"),
            format!("https://player.example.com:8443/gone?{known}"),
        ];
        assert_eq!(frames(&page), expected);
        let sources = "frame-src https://app.example.com https://player.example.com:8443";
        assert!(policy(&page).ends_with(sources), "{}", policy(&page));
        assert!(policy(&page).contains("default-src 'none'; script-src 'self'"));
        let refresh = format!("3; url={WAY_BACK}?state=x");
        assert_eq!(page.header("refresh"), Some(&*refresh));
        for words in ["The photo-album", "The web-player", "Back to"] {
            assert!(page.body.contains(words), "{words}");
        }
        assert!(!page.body.contains("The daily-report"));
        assert_eq!(page.header("x-frame-options"), Some("DENY"));
    }

    /// Without a way back the page stays, and other pages frame nothing.
    async fn without_a_way_back_the_page_stays(app) {
        app.set_metadata("photo-album", framed("https://app.example.com/gone")).await;
        let mut browser = app.browser("alice").await;
        app.client("photo-album").tokens_in(&mut browser, "openid read").await;
        let page = browser.press_sign_out().await;
        let handle = page.location().to_owned();
        let page = browser.follow(page).await.expect(200);
        assert_eq!(frames(&page).len(), 1);
        assert_eq!(page.header("refresh"), None);

        let plain = browser.get("/logout").await.expect(200);
        assert_eq!(frames(&plain), Vec::<String>::new());
        assert!(!policy(&plain).contains("frame-src"));
        app.advance(app.ctx.policy.logout.page_lifetime);
        let ended = browser.get(&handle).await.expect(200);
        assert!(ended.body.contains("You are signed out"));
        assert_eq!(frames(&ended), Vec::<String>::new());
        let elsewhere = app.anonymous_at(crate::support::OTHER_ORIGIN).get(&handle).await;
        assert_eq!(frames(&elsewhere.expect(200)), Vec::<String>::new());
    }

    /// An app may hear of it both ways; the page says how far the news has come.
    async fn the_page_says_which_apps_were_told(app) {
        let party = RelyingParty::answering(&[200]).await;
        let refusing = RelyingParty::answering(&[400]).await;
        let both = ClientMetadata {
            frontchannel_logout_uri: Some("https://app.example.com/gone".to_owned()),
            ..party.metadata()
        };
        app.set_metadata("photo-album", both).await;
        app.set_metadata("web-player", refusing.metadata()).await;
        let mut browser = app.browser("alice").await;
        app.client("photo-album").tokens_in(&mut browser, "openid read").await;
        app.client("web-player").tokens_in(&mut browser, "openid read").await;
        let handle = browser.press_sign_out().await.location().to_owned();
        let page = browser.get(&handle).await.expect(200);
        assert_eq!(page.body.matches("being told").count(), 2);
        app.deliver_logouts().await;
        party.wait_for(1).await;
        refusing.wait_for(1).await;
        app.settled().await;
        let page = browser.get(&handle).await.expect(200);
        assert!(page.body.contains("<bdi>The photo-album</bdi> <span class=\"quiet\">signed out<"));
        let failed = "<bdi>The web-player</bdi> <span class=\"quiet\">could not be told<";
        assert!(page.body.contains(failed), "{}", page.body);
    }

    /// An address that no page can frame is not framed.
    // UI-08
    async fn what_cannot_be_framed_is_not(app) {
        app.set_metadata("photo-album", framed("com.example.album:/gone")).await;
        let mut browser = app.browser("alice").await;
        app.client("photo-album").tokens_in(&mut browser, "openid read").await;
        let page = browser.press_sign_out().await;
        let page = browser.follow(page).await.expect(200);
        assert_eq!(frames(&page), Vec::<String>::new());
        assert!(!policy(&page).contains("frame-src"));
    }
}
