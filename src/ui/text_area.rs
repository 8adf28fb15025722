//! `<textarea>`, escaped by hand.
//!
//! Leptos 0.8 writes the text of a `<textarea>` into the page unescaped, and `prop:value` writes nothing on the server. So
//! the text goes in as inner HTML that is escaped here, and nowhere else may there be a `<textarea>` with text in it.

use leptos::html;
use leptos::prelude::*;

/// The text as the HTML inside a `<textarea>`.
///
/// The parser swallows one line break right after the tag, but not at the start of `innerHTML`: only a page needs one more.
fn escaped(text: &str, in_page: bool) -> String {
    let mut html = String::with_capacity(text.len() + 16);
    if in_page && text.starts_with(['\n', '\r']) {
        html.push('\n');
    }
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            c => html.push(c),
        }
    }
    html
}

/// A bare box for several lines, without label or error; [`super::TextAreaField`] has them.
#[component]
pub fn TextArea(
    /// Its id, for its label.
    #[prop(into)]
    id: String,
    /// Its name in the form.
    name: &'static str,
    /// What stands in it at first.
    #[prop(optional, into)]
    value: String,
    /// Lines to show.
    #[prop(default = 4)]
    rows: u32,
    /// Characters at most; 0 for no limit.
    #[prop(optional)]
    maxlength: u32,
    /// An example, never the only hint.
    #[prop(optional, into)]
    placeholder: String,
    /// Whether it is wrong now.
    #[prop(optional, into)]
    invalid: Signal<bool>,
    /// The ids of what describes it.
    #[prop(optional, into)]
    describedby: Signal<Option<String>>,
    /// The element, for those who read or clear it.
    #[prop(optional)]
    node: NodeRef<html::Textarea>,
) -> impl IntoView {
    view! {
        <textarea
            class="input grow"
            id=id
            name=name
            rows=rows.to_string()
            maxlength=(maxlength > 0).then(|| maxlength.to_string())
            placeholder=(!placeholder.is_empty()).then_some(placeholder)
            aria-invalid=move || invalid.get().then_some("true")
            aria-describedby=move || describedby.get()
            node_ref=node
            inner_html=escaped(&value, is_server())
        ></textarea>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_the_box() {
        let text = "a & b\n</textarea><script>alert(1)</script>";
        let page = Owner::new().with(|| view! { <TextArea id="f-text" name="form[text]" value=text /> }.to_html());
        assert!(page.contains("a &amp; b\n&lt;/textarea&gt;&lt;script&gt;alert(1)&lt;/script&gt;</textarea>"), "{page}");
        assert_eq!(page.matches("</textarea>").count(), 1, "{page}");
        assert!(!page.contains("<script"), "{page}");
    }

    #[test]
    fn a_first_empty_line_survives_the_parser() {
        assert_eq!(escaped("\nb", true), "\n\nb");
        assert_eq!(escaped("\nb", false), "\nb");
        assert_eq!(escaped("b", true), "b");
    }
}
