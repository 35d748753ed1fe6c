//! Renders a sample of every page, checks what holds for all of them, and leaves the files in
//! `target/tmp/gallery` for `e2e/screenshots`.

mod samples;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use scraper::{ElementRef, Html, Selector};

const LARGEST_PAGE: usize = 50 * 1024;

/// The one page whose form goes to an app, so that it must not carry a token of ours.
const SENT_TO_AN_APP: &str = "form_post";

#[test]
fn every_page_is_well_made() {
    let gallery = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gallery");
    fs::create_dir_all(&gallery).expect("the target folder is ours");
    for (name, html) in samples::all() {
        fs::write(gallery.join(format!("{name}.html")), &html).expect("the target folder is ours");
        let page = Page { name, html: Html::parse_document(&html) };
        assert!(html.len() <= LARGEST_PAGE, "{name} has {} bytes", html.len());
        page.has_one_heading_and_landmarks();
        page.labels_every_field();
        page.has_nothing_inline();
        page.loads_nothing_from_elsewhere();
        page.refers_to_ids_that_exist();
        page.carries_a_token_in_every_form();
    }
}

#[test]
fn pages_on_the_way_to_an_app_have_the_ids_and_one_form() {
    for (name, ids) in [
        ("sign_in", &["username", "password", "login-submit"][..]),
        ("account_choice", &["account-continue"]),
        ("consent", &["consent-approve", "consent-deny"]),
        ("form_post", &["response-continue"]),
        ("logout", &["logout-confirm"]),
        ("set_up", &["set-up-submit"]),
    ] {
        let page = Page::sample(name);
        assert_eq!(page.select("form").len(), 1, "{name} has one form");
        for id in ids {
            assert_eq!(page.select(&format!("form #{id}")).len(), 1, "{name} has #{id}");
        }
        let first_button = page.select("form button").into_iter().next();
        let first_button = first_button.and_then(|button| button.attr("class"));
        let is_positive = first_button.is_some_and(|class| class.contains("button-primary"));
        assert!(is_positive, "{name} begins with its positive button");
    }
}

#[test]
fn only_optional_scopes_can_be_unticked() {
    let page = Page::sample("consent");
    let boxes = page.select("input[type=checkbox][name=scope]");
    let names: Vec<_> = boxes.iter().filter_map(|input| input.attr("value")).collect();
    assert_eq!(names, ["calendar:read"]);
    assert!(boxes.iter().all(|input| input.attr("checked").is_some()));
}

#[test]
fn what_is_new_is_marked_and_what_was_granted_is_folded() {
    let page = Page::sample("consent_more");
    assert_eq!(page.select("details .scope").len(), 2);
    assert_eq!(page.select(".scopes .badge-brand").len(), 2);
    assert_eq!(page.select(".scopes .badge-danger").len(), 1);
}

#[test]
fn what_an_app_says_of_itself_is_only_text() {
    let page = Page::sample("consent_hostile");
    assert!(page.select("main script, main img, main style, main iframe").is_empty());
    assert!(page.text("h1").contains("<script>alert(1)</script>"));
    assert_eq!(page.select("bdi").len(), page.select("main bdi").len() + 1);
}

struct Page {
    name: &'static str,
    html: Html,
}

impl Page {
    fn sample(wanted: &str) -> Self {
        let mut all = samples::all().into_iter();
        let (name, html) = all.find(|(name, _)| *name == wanted).expect("the sample exists");
        Self { name, html: Html::parse_document(&html) }
    }

    fn select(&self, selector: &str) -> Vec<ElementRef<'_>> {
        let selector = Selector::parse(selector).expect("the selector is well formed");
        self.html.select(&selector).collect()
    }

    fn text(&self, selector: &str) -> String {
        self.select(selector).into_iter().flat_map(|element| element.text()).collect()
    }

    fn has_one_heading_and_landmarks(&self) {
        for (selector, count) in
            [("h1", 1), ("main#content", 1), ("body > header", 1), ("body > footer", 1)]
        {
            assert_eq!(self.select(selector).len(), count, "{}: {selector}", self.name);
        }
        assert_eq!(self.select("html[lang][dir]").len(), 1, "{}", self.name);
        assert_eq!(self.select("body > a.skip[href='#content']").len(), 1, "{}", self.name);
        assert!(self.text("title").len() > " · ".len(), "{} has a title", self.name);
    }

    fn labels_every_field(&self) {
        for field in self.select("input:not([type=hidden]), select, textarea") {
            let id = field.attr("id").unwrap_or_default();
            let has_own = !id.is_empty() && self.select(&format!("label[for='{id}']")).len() == 1;
            let is_inside = field
                .ancestors()
                .filter_map(ElementRef::wrap)
                .any(|ancestor| ancestor.value().name() == "label");
            assert!(has_own || is_inside, "{}: {} has a label", self.name, field.html());
        }
        for button in self.select("button") {
            let name = button.text().collect::<String>();
            let is_named = !name.trim().is_empty() || button.attr("aria-label").is_some();
            assert!(is_named, "{}: {} has a name", self.name, button.html());
        }
    }

    fn has_nothing_inline(&self) {
        assert!(self.select("style, [style]").is_empty(), "{} has an inline style", self.name);
        assert!(self.select("script:not([src])").is_empty(), "{} has a script", self.name);
        for element in self.select("*") {
            for (attribute, value) in element.value().attrs() {
                let is_handler = attribute.starts_with("on");
                let is_script = value.trim_start().to_ascii_lowercase().starts_with("javascript:");
                assert!(!is_handler && !is_script, "{}: {attribute}={value}", self.name);
            }
        }
    }

    fn loads_nothing_from_elsewhere(&self) {
        for element in self.select("[src]:not(iframe), link[href], use[href], form[action]") {
            for attribute in ["src", "href", "action"] {
                let Some(url) = element.attr(attribute) else { continue };
                let is_ours = url.starts_with('/') && !url.starts_with("//");
                assert!(is_ours, "{}: {attribute}={url}", self.name);
            }
        }
    }

    fn refers_to_ids_that_exist(&self) {
        let elements = self.select("[id]");
        let ids: BTreeSet<_> = elements.iter().filter_map(|element| element.attr("id")).collect();
        assert_eq!(ids.len(), elements.len(), "{} has an id twice", self.name);
        for attribute in ["aria-describedby", "aria-labelledby", "for", "data-copy"] {
            for element in self.select(&format!("[{attribute}]")) {
                for id in element.attr(attribute).unwrap_or_default().split_whitespace() {
                    assert!(ids.contains(id), "{}: {attribute}={id}", self.name);
                }
            }
        }
        for link in self.select("a[href^='#']") {
            let id = link.attr("href").unwrap_or_default().trim_start_matches('#');
            assert!(ids.contains(id), "{}: a link to #{id}", self.name);
        }
    }

    fn carries_a_token_in_every_form(&self) {
        for form in self.select("form") {
            assert_eq!(form.attr("method"), Some("post"), "{}", self.name);
        }
        let tokens = self.select("form > input[type=hidden][name=csrf_token]");
        let of_ours = if self.name == SENT_TO_AN_APP { 0 } else { self.select("form").len() };
        assert_eq!(tokens.len(), of_ours, "{}", self.name);
        assert!(tokens.iter().all(|token| token.attr("value").is_some_and(|v| !v.is_empty())));
    }
}
