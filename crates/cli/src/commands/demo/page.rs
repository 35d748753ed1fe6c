//! A page as a browser without scripts understands it: its title, some words, its forms.
//!
//! Reads the well-formed HTML of our own templates; it is no general reader.

/// A page.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// The title.
    pub(super) title: String,
    /// The titles of the scopes on it.
    pub(super) scopes: Vec<String>,
    /// The forms.
    pub(super) forms: Vec<Form>,
}

/// A form and what it would send.
#[derive(Debug, Default)]
pub(super) struct Form {
    /// Where to.
    pub(super) action: String,
    /// Each field with its value; a box that is not ticked is none.
    pub(super) fields: Vec<(String, String)>,
    /// The buttons.
    pub(super) buttons: Vec<Button>,
}

/// A button.
#[derive(Debug)]
pub(super) struct Button {
    /// By what automation finds it.
    pub(super) id: String,
    /// What it adds to the form, if it has a name.
    pub(super) adds: Option<(String, String)>,
}

impl Page {
    /// Reads a page.
    pub(super) fn read(html: &str) -> Self {
        let mut page = Self::default();
        let mut awaited = Awaited::Nothing;
        for piece in html.split('<').skip(1) {
            let Some((tag, text)) = piece.split_once('>') else { continue };
            awaited = page.open(&Tag(tag), awaited);
            awaited = page.hear(&decoded(text.trim()), awaited);
        }
        page
    }

    /// The form with the button of this id, and the button.
    pub(super) fn button(&self, id: &str) -> Option<(&Form, &Button)> {
        let buttons =
            self.forms.iter().flat_map(|form| form.buttons.iter().map(move |it| (form, it)));
        buttons.into_iter().find(|(_, button)| button.id == id)
    }

    /// The page in a line: its title, what it asks for and which buttons it has.
    pub(super) fn summary(&self) -> String {
        let asking = match self.scopes.as_slice() {
            [] => String::new(),
            scopes => format!("; it asks: {}", scopes.join(" · ")),
        };
        let buttons: Vec<_> = self.button_ids().map(|id| format!("#{id}")).collect();
        format!("page \"{}\"{asking}; buttons: {}", self.title, buttons.join(" "))
    }

    /// The ids of its buttons; those for scripts have none.
    pub(super) fn button_ids(&self) -> impl Iterator<Item = &str> {
        let buttons = self.forms.iter().flat_map(|form| &form.buttons);
        buttons.map(|button| button.id.as_str()).filter(|id| !id.is_empty())
    }

    fn open(&mut self, tag: &Tag<'_>, awaited: Awaited) -> Awaited {
        match tag.name() {
            "form" => {
                let action = tag.attribute("action").unwrap_or_default();
                self.forms.push(Form { action, ..Form::default() });
            }
            "input" => self.field(tag),
            "button" => self.press_point(tag),
            "title" => return Awaited::Title,
            "span" if tag.attribute("class").as_deref() == Some("scope-title") => {
                return Awaited::Scope;
            }
            _ => {}
        }
        awaited
    }

    fn hear(&mut self, text: &str, awaited: Awaited) -> Awaited {
        match awaited {
            _ if text.is_empty() => return awaited,
            Awaited::Nothing => {}
            Awaited::Title => text.clone_into(&mut self.title),
            Awaited::Scope => self.scopes.push(text.to_owned()),
        }
        Awaited::Nothing
    }

    fn field(&mut self, tag: &Tag<'_>) {
        let is_ticked = tag.attribute("type").as_deref() != Some("checkbox") || tag.says("checked");
        let named = tag.attribute("name").filter(|_| is_ticked);
        if let (Some(form), Some(name)) = (self.forms.last_mut(), named) {
            form.fields.push((name, tag.attribute("value").unwrap_or_default()));
        }
    }

    fn press_point(&mut self, tag: &Tag<'_>) {
        let Some(form) = self.forms.last_mut() else { return };
        let value = tag.attribute("value").unwrap_or_default();
        let adds = tag.attribute("name").map(|name| (name, value));
        form.buttons.push(Button { id: tag.attribute("id").unwrap_or_default(), adds });
    }
}

/// What the next words are.
#[derive(Clone, Copy)]
enum Awaited {
    Nothing,
    Title,
    Scope,
}

/// What stands between `<` and `>`.
struct Tag<'h>(&'h str);

impl Tag<'_> {
    fn name(&self) -> &str {
        self.0.split_whitespace().next().unwrap_or_default()
    }

    fn attribute(&self, name: &str) -> Option<String> {
        let (_, rest) = self.0.split_once(&format!(" {name}=\""))?;
        rest.split_once('"').map(|(value, _)| decoded(value))
    }

    fn says(&self, word: &str) -> bool {
        self.0.split_whitespace().any(|it| it == word)
    }
}

/// Character references, named as our templates name them or by number.
fn decoded(text: &str) -> String {
    let mut parts = text.split('&');
    let mut decoded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let reference = part.split_once(';');
        match reference.and_then(|(name, rest)| Some((character(name)?, rest))) {
            Some((character, rest)) => decoded.extend([&*character.to_string(), rest]),
            None => decoded.extend(["&", part]),
        }
    }
    decoded
}

fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        _ => {
            let number = name.strip_prefix('#')?;
            let parsed = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(parsed.ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<!doctype html><title>Allow Tom &#38; Co?</title><body>
        <form method="post" action="/a?x=1&amp;y=2"><input type="hidden" name="csrf_token" value="t&#x31;">
        <input type="checkbox" name="scope" value="b" checked><input type="checkbox" name="scope" value="c">
        <span class="scope-title"><strong>See it</strong></span>
        <button id="yes" name="decision" value="allow">Allow</button></form>
        <form action="/b"><input name="email"><button id="other">Go</button></form>"#;

    #[test]
    fn a_form_sends_its_hidden_fields_and_ticked_boxes() {
        let page = Page::read(PAGE);
        let (form, button) = page.button("yes").expect("the button is there");
        assert_eq!(form.action, "/a?x=1&y=2");
        let expected = [("csrf_token", "t1"), ("scope", "b")];
        assert_eq!(form.fields, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(button.adds, Some(("decision".to_owned(), "allow".to_owned())));
    }

    #[test]
    fn the_words_of_a_page_are_read() {
        let page = Page::read(PAGE);
        assert_eq!(
            (page.title.as_str(), page.scopes),
            ("Allow Tom & Co?", vec!["See it".to_owned()])
        );
        assert_eq!(
            Page::read(PAGE).button("other").map(|(form, _)| form.action.clone()),
            Some("/b".to_owned())
        );
        assert!(Page::read(PAGE).button("none").is_none());
    }

    #[test]
    fn an_ampersand_alone_stays() {
        assert_eq!(decoded("a & b &lt;c&gt; &#60; &nbsp;"), "a & b <c> < &nbsp;");
    }
}
