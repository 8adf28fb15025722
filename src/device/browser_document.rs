//! What only the document says, in the browser: the title follows the page. The rest is for those who read documents as the
//! server sends them.

use super::state::RwSignal;
use super::timing::effect;
use leptos::attr::Attribute;
use leptos::attr::any_attribute::AnyAttribute;
use leptos::prelude::*;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::view::{Position, PositionState};

/// The present page's title, before the format.
#[derive(Clone, Copy)]
struct PageTitle(RwSignal<Option<String>>);

/// Makes this the document's context for what follows.
pub fn begin_head() {
    provide_context(PageTitle(RwSignal::new(None)));
}

/// The document's title.
pub fn title(text: String) -> AnyView {
    if let Some(PageTitle(page)) = use_context() {
        page.set(Some(text));
    }
    Nothing.into_any()
}

/// What the page is about: the server has said it.
pub fn description(_text: String) -> AnyView {
    Nothing.into_any()
}

/// What stands around every title.
pub fn title_format(format: impl Fn(String) -> String + Send + Sync + 'static) -> AnyView {
    if let Some(PageTitle(page)) = use_context() {
        effect(move || {
            if let Some(title) = page.get() {
                document().set_title(&format(title));
            }
        });
    }
    Nothing.into_any()
}

/// Something that is said of the page: the server has said it.
pub fn meta(_name: Option<&'static str>, _property: Option<&'static str>, _content: String) -> AnyView {
    Nothing.into_any()
}

/// Something for pages without their program: it stands in the server's document or nowhere.
pub fn plain<V: IntoView>(class: &'static str, _view: impl FnOnce() -> V) -> AnyView {
    view! { <div class=class></div> }.into_any()
}

/// A view of nothing, as the server draws one whose place is in the head.
struct Nothing;

impl Render for Nothing {
    type State = ();

    fn build(self) -> Self::State {}

    fn rebuild(self, _state: &mut Self::State) {}
}

impl AddAnyAttr for Nothing {
    type Output<NewAttr: Attribute> = Self;

    fn add_any_attr<NewAttr: Attribute>(self, _attr: NewAttr) -> Self {
        self
    }
}

impl RenderHtml for Nothing {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;
    const EXISTS: bool = false;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(self, _buf: &mut String, _position: &mut Position, _escape: bool, _mark_branches: bool, _attrs: Vec<AnyAttribute>) {
    }

    fn hydrate<const FROM_SERVER: bool>(self, _cursor: &Cursor, _position: &PositionState) -> Self::State {}

    fn into_owned(self) -> Self {
        self
    }
}

/// A part of a page that is made again whenever what it depends on changes.
pub type Drawn<V> = Box<dyn FnMut() -> V + Send>;

/// Makes such a part.
pub fn drawn<V>(view: impl FnMut() -> V + Send + 'static) -> Drawn<V> {
    Box::new(view)
}
