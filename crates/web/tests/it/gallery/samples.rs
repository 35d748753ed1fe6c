//! A sample of every page, and of the states in which it looks different.

use askama::Template;
use consentry_web::pages::{
    AccessSpan, AccountChoicePage, App, AuthorizedApp, AuthorizedApps, Consent, ConsentScope,
    Difference, ErrorArticlePage, ErrorPage, Form, FormErrors, FormPost, Home, Identity, Layout,
    Logout, Moment, Person, ScopeWords, SetUp, SignIn, SignInNotice, SignInRefused, SignedInUser,
    SignedOut, Standing, Theme, ToldApp, WayBack,
};
use domain::{Lifetime, Risk, Timestamp};
use protocol::logout::ToldHow;

const NOW: Timestamp = Timestamp::from_millis(1_760_000_000_000);

/// Every sample: its name and its page.
pub(crate) fn all() -> Vec<(&'static str, String)> {
    vec![
        ("sign_in", html(&sign_in())),
        ("sign_in_logo", html(&SignIn { app: Some(app_with_logo()), ..sign_in() })),
        ("sign_in_plain", html(&SignIn { app: None, ..sign_in() })),
        (
            "sign_in_again",
            html(&SignIn { notice: Some(SignInNotice::ConfirmIdentity), ..sign_in() }),
        ),
        ("sign_in_refused", html(&sign_in_refused(SignInRefused::WrongCredentials))),
        ("sign_in_limited", html(&sign_in_refused(SignInRefused::Limited(Lifetime::minutes(5))))),
        ("account_choice", html(&account_choice())),
        ("consent", html(&consent())),
        ("consent_logo", html(&consent_logo())),
        ("consent_more", html(&consent_more())),
        ("consent_again", html(&consent_again())),
        ("consent_hostile", html(&consent_hostile())),
        ("form_post", html(&form_post())),
        ("error", html(&error())),
        ("error_owner", html(&error_owner())),
        ("error_article", html(&error_article())),
        ("home", html(&Home { layout: layout(), issuer: "https://demo.example.com".to_owned() })),
        ("home_signed_in", html(&home_signed_in())),
        ("logout", html(&logout())),
        ("signed_out", html(&SignedOut::plain(layout()))),
        ("signed_out_told", html(&signed_out_told())),
        ("signed_out_way_back", html(&signed_out_way_back())),
        ("authorized_apps", html(&authorized_apps())),
        (
            "authorized_apps_empty",
            html(&AuthorizedApps { apps: Vec::new(), notice: None, ..authorized_apps() }),
        ),
        ("set_up", html(&set_up())),
        ("set_up_refused", html(&set_up_refused())),
    ]
}

fn html(page: &impl Template) -> String {
    page.render().expect("a page always renders")
}

fn layout() -> Layout {
    Layout { account_name: "Demo Ltd".to_owned(), theme: Theme::Device, user: None }
}

fn layout_of_alice() -> Layout {
    let user = SignedInUser { person: alice(), sign_out: form("/logout") };
    Layout { user: Some(user), ..layout() }
}

fn form(action: &str) -> Form {
    Form::new(action, "a-token-of-this-session")
}

fn alice() -> Person {
    Person { name: "Alice Liddell".to_owned(), email: "alice@example.com".to_owned() }
}

fn app(name: &str, identifier: &str, company: Option<&str>) -> App {
    App {
        name: name.to_owned(),
        identifier: identifier.to_owned(),
        company: company.map(str::to_owned),
        description: None,
        logo_path: None,
    }
}

/// The server of the gallery has a picture for it.
fn app_with_logo() -> App {
    let app = app("Demo Web", "demo-web", Some("Example Ltd"));
    App { logo_path: Some("/logos/4302177-0123456789abcdef.png".to_owned()), ..app }
}

fn sign_in() -> SignIn {
    SignIn {
        layout: layout(),
        form: form("/login").with("continue", "cstar_1234"),
        app: Some(app("Demo Web", "demo-web", None)),
        email: String::new(),
        notice: None,
        refused: None,
    }
}

fn sign_in_refused(refused: SignInRefused) -> SignIn {
    SignIn { email: alice().email, refused: Some(refused), ..sign_in() }
}

fn account_choice() -> AccountChoicePage {
    AccountChoicePage {
        layout: layout(),
        form: form("/oauth/authorizations/cstar_1234/account"),
        app: app("Demo Web", "demo-web", Some("Example Ltd")),
        user: alice(),
        other_user_url: "/login?request=cstar_1234&switch=user".to_owned(),
    }
}

/// The server of the gallery answers for the client.
fn form_post() -> FormPost {
    FormPost {
        layout: layout(),
        redirect_uri: "/callback".to_owned(),
        redirect_host: "app.example.com".to_owned(),
        fields: vec![("code", "cstac_1234".to_owned()), ("state", "\"><script>".to_owned())],
    }
}

fn scope(name: &str, title: &str, description: &str) -> ConsentScope {
    ConsentScope {
        name: name.to_owned(),
        title: title.to_owned(),
        description: description.to_owned(),
        risk: Risk::Low,
        standing: Standing::Asked,
        is_optional: false,
    }
}

fn profile_scope() -> ConsentScope {
    scope("profile", "Your profile", "See your name, language and time zone.")
}

fn calendar_scope() -> ConsentScope {
    scope("calendar:read", "See your calendar", "Read the events in your calendar.")
}

fn tickets_scope() -> ConsentScope {
    scope("tickets:read", "See tickets", "Read the tickets that you can see, with their comments.")
}

fn write_scope() -> ConsentScope {
    let scope = scope("write", "Change everything", "Create, change and delete whatever you may.");
    ConsentScope { risk: Risk::High, ..scope }
}

fn consent() -> Consent {
    let description = "Plans your week around the tickets that are waiting for you.".to_owned();
    let app = app("Demo Web", "demo-web", Some("Example Ltd"));
    Consent {
        layout: layout(),
        form: form("/oauth/authorizations/cstar_1234/decision"),
        app: App { description: Some(description), ..app },
        identity: Identity::NotVerified,
        user: alice(),
        switch_user_url: "/login?switch".to_owned(),
        scopes: vec![
            profile_scope(),
            tickets_scope(),
            ConsentScope { is_optional: true, ..calendar_scope() },
            write_scope(),
        ],
        resources: Vec::new(),
        access_span: AccessSpan::Renewed {
            idle: Lifetime::days(30),
            absolute: Lifetime::days(365),
        },
        redirect_host: "app.example.com".to_owned(),
        policy_uri: Some("https://photos.example/privacy".to_owned()),
        tos_uri: Some("https://photos.example/terms".to_owned()),
    }
}

fn consent_logo() -> Consent {
    let plain = consent();
    let logo_path = app_with_logo().logo_path;
    Consent { app: App { logo_path, ..plain.app }, ..plain }
}

fn consent_more() -> Consent {
    let granted = |scope| ConsentScope { standing: Standing::Granted, ..scope };
    let new = |scope| ConsentScope { standing: Standing::New, ..scope };
    Consent {
        identity: Identity::OnThisDevice,
        scopes: vec![
            granted(profile_scope()),
            granted(tickets_scope()),
            new(write_scope()),
            new(scope("offline_access", "Stay connected", "Keep access while you are away.")),
        ],
        resources: vec!["Example API".to_owned(), "https://archive.example.com/".to_owned()],
        access_span: AccessSpan::Once(Lifetime::minutes(30)),
        redirect_host: "127.0.0.1:51004".to_owned(),
        policy_uri: Some("https://photos.example/privacy".to_owned()),
        tos_uri: Some("https://photos.example/terms".to_owned()),
        ..consent()
    }
}

fn consent_again() -> Consent {
    let granted = |scope| ConsentScope { standing: Standing::Granted, ..scope };
    Consent {
        identity: Identity::Verified { domain: "example.com".to_owned() },
        scopes: vec![granted(profile_scope()), granted(tickets_scope())],
        ..consent()
    }
}

fn consent_hostile() -> Consent {
    let name = "<script>alert(1)</script>\u{202e}gnp.exe";
    let company = "\"><img src=x onerror=alert(1)>{{7*7}}";
    let description = Some("Donaudampfschifffahrtsgesellschaft".repeat(20));
    Consent {
        app: App { description, ..app(name, "hostile", Some(company)) },
        identity: Identity::SelfRegistered,
        scopes: vec![scope("x:read", "<style>*{display:none}</style>", "${7*7}")],
        ..consent()
    }
}

fn error() -> ErrorPage {
    ErrorPage::new(layout(), "redirect_uri_mismatch", "0f8c1b7a90d24c55")
}

fn error_owner() -> ErrorPage {
    let difference = Difference {
        parameter: "redirect_uri".to_owned(),
        presented: "https://app.example.com/callback/".to_owned(),
        registered: vec!["https://app.example.com/callback".to_owned()],
    };
    ErrorPage { differences: vec![difference], ..error() }
}

fn error_article() -> ErrorArticlePage {
    ErrorArticlePage::new(layout(), "invalid_grant").expect("the code has an article")
}

fn home_signed_in() -> Home {
    Home { layout: layout_of_alice(), issuer: "https://demo.example.com".to_owned() }
}

fn logout() -> Logout {
    Logout { layout: layout_of_alice(), form: form("/logout"), user: alice(), app_name: None }
}

fn signed_out_way_back() -> SignedOut {
    let url = "http://127.0.0.1:9801/loggedout".to_owned();
    let way_back = WayBack { app_name: "Demo Web".to_owned(), url };
    SignedOut { way_back: Some(way_back), ..SignedOut::plain(layout()) }
}

fn signed_out_told() -> SignedOut {
    let told = |name: &str, how| ToldApp { name: name.to_owned(), how };
    SignedOut {
        told: vec![
            told("Demo Web", ToldHow::Told),
            told(
                "Photo album for the whole family, its friends and their printers",
                ToldHow::UnderWay,
            ),
            told("Time sheets", ToldHow::Failed),
        ],
        frames: vec!["https://album.example.com/gone?iss=x&sid=y".to_owned()],
        ..signed_out_way_back()
    }
}

fn words(name: &str, title: &str, risk: Risk) -> ScopeWords {
    ScopeWords { name: name.to_owned(), title: title.to_owned(), risk }
}

fn authorized_apps() -> AuthorizedApps {
    let demo = AuthorizedApp {
        grant_id: "1001".to_owned(),
        app: app_with_logo(),
        scopes: vec![
            words("profile", "Your profile", Risk::Low),
            words("tickets:read", "See tickets", Risk::Medium),
            words("write", "Change everything", Risk::High),
        ],
        granted: Moment::new(NOW - Lifetime::days(3), NOW),
        last_used: Some(Moment::new(NOW - Lifetime::hours(2), NOW)),
        open_url: Some(
            "https://app.example.com/login?iss=https%3A%2F%2Fdemo.example.com".to_owned(),
        ),
        revoke: form("/account/apps/1001/revoke"),
    };
    let album = AuthorizedApp {
        grant_id: "1002".to_owned(),
        app: app("Photo album for the whole family", "photo-album", None),
        scopes: vec![words("calendar:read", "See your calendar", Risk::Low)],
        granted: Moment::new(NOW - Lifetime::days(90), NOW),
        last_used: None,
        open_url: None,
        revoke: form("/account/apps/1002/revoke"),
    };
    AuthorizedApps {
        layout: layout_of_alice(),
        apps: vec![demo, album],
        revoke_all: form("/account/apps/revoke_all"),
        notice: Some("Old Sync no longer has access.".to_owned()),
        next_page_url: Some("/account/apps?after=1002".to_owned()),
    }
}

fn set_up() -> SetUp {
    SetUp {
        layout: Layout { account_name: "Main".to_owned(), ..layout() },
        form: form("/setup/cstsu_1234"),
        name: String::new(),
        email: String::new(),
        password_min_length: 8,
        errors: FormErrors::default(),
    }
}

fn set_up_refused() -> SetUp {
    let mut errors = FormErrors::default();
    errors.add("email", "Enter an email address, such as ada@example.com.");
    errors.add("password", "Choose a password of at least 8 characters.");
    errors.add("password-repeat", "Type the same password twice.");
    SetUp { name: "Ada Admin".to_owned(), email: "ada".to_owned(), errors, ..set_up() }
}
