//! The page in `docs/`: between two marks of the database's own, so that what people wrote around them stays.

use std::path::Path;

use anyhow::Context as _;

use crate::procfs;

/// Puts new figures where those of the same heading stood.
pub(crate) fn write_page(
    page: &Path,
    heading: &str,
    command: &str,
    tables: &str,
) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(page)
        .with_context(|| format!("{} cannot be read", page.display()))?;
    let machine = procfs::machine();
    let figures = format!("Machine: {machine}.\n\n    {command}\n\n{}", tables.trim_end());
    let text = replaced(&text, heading, &figures).with_context(|| {
        let (begin, end) = marks(heading);
        format!("{} has no lines `{begin}` and `{end}`", page.display())
    })?;
    Ok(std::fs::write(page, text)?)
}

fn marks(heading: &str) -> (String, String) {
    (format!("<!-- figures: {heading} -->"), format!("<!-- end of figures: {heading} -->"))
}

fn replaced(text: &str, heading: &str, figures: &str) -> Option<String> {
    let (begin, end) = marks(heading);
    let (before, rest) = text.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}\n\n{figures}\n\n{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_figures_are_replaced() {
        let page = "# P\n<!-- figures: A -->\nold\n<!-- end of figures: A -->\nrest\n";
        let expected = "# P\n<!-- figures: A -->\n\nnew\n\n<!-- end of figures: A -->\nrest\n";
        assert_eq!(replaced(page, "A", "new").as_deref(), Some(expected));
        assert_eq!(replaced(expected, "A", "new").as_deref(), Some(expected));
        assert_eq!(replaced(page, "B", "new"), None);
    }
}
