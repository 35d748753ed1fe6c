//! `/setup/{token}`: the first admin of a new installation.

use axum::extract::State;
use axum::response::Response;
use domain::{EmailAddress, Secret};
use http::StatusCode;
use protocol::setup::{self, FirstAdmin, SetUpRefused};
use protocol::users::{PASSWORD_MIN_CHARACTERS, UserRefused};
use store::Failure;

use super::Visitor;
use crate::form::SameSiteForm;
use crate::pages::{self, Form, FormErrors, SetUp};
use crate::respond;
use crate::segment::Segment;
use crate::site::Site;

/// The most characters of a name.
const NAME_LIMIT: usize = 200;

/// A form belongs to one link.
fn purpose(token: &str) -> String {
    format!("set-up {token}")
}

/// Shows the form, if the link is open.
pub(crate) async fn show(
    State(site): State<Site>,
    mut visitor: Visitor,
    Segment(token): Segment,
) -> Response {
    match setup::is_open(site.ctx(), &visitor.origin.account, &token).await {
        Ok(true) => Typed::default().respond(&site, &mut visitor, &token, FormErrors::default()),
        Ok(false) => link_ended(&visitor),
        Err(fault) => respond::fault_page(&visitor.origin, &fault),
    }
}

fn link_ended(visitor: &Visitor) -> Response {
    let layout = visitor.bare_layout();
    respond::error_page(layout, StatusCode::NOT_FOUND, "set_up_link_used", None)
}

/// What was typed, without the passwords.
#[derive(Default)]
struct Typed {
    name: String,
    email: String,
}

impl Typed {
    fn respond(
        self,
        site: &Site,
        visitor: &mut Visitor,
        token: &str,
        errors: FormErrors,
    ) -> Response {
        let form_token = visitor.form_token(site, &purpose(token));
        let status =
            if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        let page = SetUp {
            layout: visitor.bare_layout(),
            form: Form::new(format!("/setup/{token}"), form_token),
            name: self.name,
            email: self.email,
            password_min_length: PASSWORD_MIN_CHARACTERS,
            errors,
        };
        visitor.remember(pages::respond(status, &page))
    }
}

/// Makes the first admin and sends him to sign in.
pub(crate) async fn submit(
    State(site): State<Site>,
    mut visitor: Visitor,
    Segment(token): Segment,
    form: SameSiteForm,
) -> Response {
    if !form.is_ours(&site, &purpose(&token), visitor.form_cookie()) {
        let layout = visitor.bare_layout();
        return respond::error_page(layout, StatusCode::FORBIDDEN, "form_expired", None);
    }
    let typed =
        Typed { name: form.field("name").to_owned(), email: form.field("email").to_owned() };
    let admin = match first_admin(&form) {
        Ok(admin) => admin,
        Err(errors) => return typed.respond(&site, &mut visitor, &token, errors),
    };
    let account = visitor.origin.account.clone();
    let link = token.clone();
    let decision = site
        .complete(move |ctx| async move {
            setup::create_first_admin(&ctx, &account, &link, admin).await
        })
        .await;
    match decision {
        Ok(_) => respond::see_other("/login"),
        Err(Failure::Refused(SetUpRefused::LinkEnded)) => link_ended(&visitor),
        Err(Failure::Refused(SetUpRefused::User(refused))) => {
            typed.respond(&site, &mut visitor, &token, user_errors(refused))
        }
        Err(Failure::Fault(fault)) => respond::fault_page(&visitor.origin, &fault),
    }
}

fn first_admin(form: &SameSiteForm) -> Result<FirstAdmin, FormErrors> {
    let mut errors = FormErrors::default();
    let name = form.field("name").trim();
    if name.is_empty() {
        errors.add("name", "Enter your name.");
    } else if name.chars().count() > NAME_LIMIT || name.chars().any(char::is_control) {
        errors.add("name", "Enter a name of at most 200 characters on one line.");
    }
    let email = EmailAddress::parse(form.field("email").trim());
    if email.is_err() {
        errors.add("email", "Enter an email address, such as ada@example.com.");
    }
    let password = Secret::new(form.field("password"));
    if let Err(refused) = protocol::users::check_password(&password) {
        errors.add("password", sentence(refused));
    }
    if form.field("password") != form.field("password_repeat") {
        errors.add("password-repeat", "The two passwords differ. Type the same one twice.");
    }
    match (email, errors.is_empty()) {
        (Ok(email), true) => Ok(FirstAdmin { email, name: name.to_owned(), password }),
        _ => Err(errors),
    }
}

fn user_errors(refused: UserRefused) -> FormErrors {
    let mut errors = FormErrors::default();
    let field = if refused == UserRefused::EmailTaken { "email" } else { "password" };
    errors.add(field, sentence(refused));
    errors
}

/// A reason as a sentence of its own.
fn sentence(refused: UserRefused) -> String {
    let reason = refused.to_string();
    let mut letters = reason.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
