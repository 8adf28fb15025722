//! Whether the API's documentation is true, and whole.

use super::openapi::operations::{Encoding, Who};
use super::openapi::{DOCUMENT, DOCUMENT_PATH, Described, PAGE_PATH};
use crate::features::accounts::api::SetLanguage;
use crate::shared::error::AppError;
use crate::testing::{Answer, TestApp};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use jsonschema::Validator;
use leptos::server_fn::ServerFn;
use leptos::server_fn::axum::server_fn_paths;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};

/// Holds answers against what the document says of them.
pub struct Promises {
    components: Value,
    error: Validator,
    answers: HashMap<&'static str, Validator>,
}

impl Promises {
    /// Those of the document as it is served.
    pub async fn new(app: &TestApp) -> Self {
        let document: Value = serde_json::from_str(&app.visitor().get(DOCUMENT_PATH).await.body).expect("JSON");
        let components = document["components"].clone();
        let error = validator(&components, &components["responses"]["Conflict"]["content"]["application/json"]["schema"]);
        Self { components, error, answers: HashMap::new() }
    }

    /// What is wrong with an answer of a function, if something is.
    pub fn broken_by(&mut self, function: &str, question: &str, answer: &Answer) -> Option<String> {
        let described = described(function);
        let said: Value = serde_json::from_str(&answer.body).expect("JSON");
        if answer.status == StatusCode::OK {
            let Self { components, answers, .. } = self;
            let promised = answers.entry(described.operation.name()).or_insert_with(|| validator(components, &described.answer));
            return first_error(promised, &said).or_else(|| unknown_field(described, question));
        }
        let error: AppError = serde_json::from_value(said.clone()).expect("a refusal");
        first_error(&self.error, &said)
            .or_else(|| (error.status() != answer.status.as_u16()).then(|| format!("{error} is no {}", answer.status)))
    }
}

fn described(function: &str) -> &'static Described {
    DOCUMENT.operations.iter().find(|described| described.operation.name() == function).expect("described")
}

/// Who may call a function, as the document says.
pub fn who(function: &str) -> Who {
    described(function).operation.who
}

fn validator(components: &Value, schema: &Value) -> Validator {
    let mut whole = schema.clone();
    whole["components"] = components.clone();
    jsonschema::draft202012::options().should_validate_formats(true).build(&whole).expect("a schema")
}

fn first_error(validator: &Validator, said: &Value) -> Option<String> {
    validator.iter_errors(said).next().map(|error| format!("{error} at {}", error.instance_path()))
}

/// What was understood has fields that the document knows, and all that it calls required.
fn unknown_field(described: &Described, question: &str) -> Option<String> {
    let sent: BTreeSet<&str> = question.split('&').filter_map(|field| field.split_once('=')).map(|(name, _)| name).collect();
    let known: BTreeSet<&str> = described.fields.iter().map(|field| field.name.as_str()).collect();
    let required = described.fields.iter().filter(|field| field.required && field.schema["format"] != "binary");
    let missing = required.map(|field| field.name.as_str()).find(|name| !sent.contains(name));
    sent.difference(&known)
        .next()
        .map(|name| format!("{name} is not described"))
        .or_else(|| missing.map(|name| format!("{name} is not required")))
}

#[tokio::test]
async fn the_document_has_every_function_and_nothing_else() {
    let app = TestApp::sqlite().await;
    let document: Value = serde_json::from_str(&app.visitor().get(DOCUMENT_PATH).await.body).expect("JSON");
    let known: BTreeSet<String> = server_fn_paths().map(|(path, method)| format!("{} {path}", method.as_str().to_lowercase())).collect();
    let paths = document["paths"].as_object().expect("paths");
    let described =
        paths.iter().flat_map(|(path, item)| item.as_object().expect("methods").keys().map(move |method| format!("{method} {path}")));
    assert_eq!(described.collect::<BTreeSet<_>>(), known);
    // No function may take the place of the documents.
    assert!(!known.iter().any(|known| known.ends_with(DOCUMENT_PATH) || known.ends_with(PAGE_PATH)));
}

#[tokio::test]
async fn the_document_is_what_openapi_says_it_is() {
    let app = TestApp::sqlite().await;
    let document: Value = serde_json::from_str(&app.visitor().get(DOCUMENT_PATH).await.body).expect("JSON");
    // https://spec.openapis.org/oas/3.1/schema/2022-10-07
    let official = serde_json::from_str(include_str!("../../data/openapi-3.1.json")).expect("JSON");
    let official = jsonschema::draft202012::new(&official).expect("a schema");
    let errors: Vec<_> = official.iter_errors(&document).map(|error| format!("{error} at {}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    // What stands in it as schemas are schemas, and what they refer to is there.
    fn walk(place: &Value, references: &mut Vec<String>) {
        match place {
            Value::Object(object) => {
                if let Some(schema) = object.get("schema") {
                    jsonschema::draft202012::meta::validate(schema).expect("a schema");
                }
                references.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned));
                object.values().for_each(|value| walk(value, references));
            }
            Value::Array(all) => all.iter().for_each(|value| walk(value, references)),
            _ => {}
        }
    }
    let mut references = Vec::new();
    walk(&document, &mut references);
    for to in references {
        assert!(document.pointer(to.trim_start_matches('#')).is_some(), "{to} leads nowhere");
    }
    for schema in document["components"]["schemas"].as_object().expect("schemas").values() {
        jsonschema::draft202012::meta::validate(schema).expect("a schema");
    }
}

#[test]
fn everything_is_described_in_words_of_its_own() {
    let mut broken = Vec::new();
    for Described { operation, what, fields, .. } in &DOCUMENT.operations {
        if what.is_empty() {
            broken.push(format!("{} does not say what it does", operation.name()));
        }
        let in_form = fields.iter().filter(|field| field.name.contains('[') || operation.encoding == Encoding::Files);
        broken.extend(
            in_form
                .filter(|field| field.schema["description"].as_str().is_none_or(str::is_empty))
                .map(|field| format!("{}: {}", operation.name(), field.name)),
        );
    }
    // Shapes that came out of two types of the same name are numbered; `schemars(rename)` tells them apart.
    broken.extend(DOCUMENT.shapes.keys().filter(|name| name.ends_with(|c: char| c.is_ascii_digit())).cloned());
    let whole = serde_json::to_string(&DOCUMENT.shapes).expect("JSON")
        + &DOCUMENT.operations.iter().map(|described| format!("{described:?}")).collect::<String>();
    let is_name_of_code = |word: &&str| word.len() > 3 && word.contains('_') && word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    broken.extend(
        whole
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .filter(is_name_of_code)
            .map(|word| format!("{word} is a name of the code")),
    );
    if whole.contains("[`") {
        broken.push("a link of the code was left".to_owned());
    }
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

#[tokio::test]
async fn the_document_is_kept_and_asked_for_again_by_its_mark() {
    let app = TestApp::sqlite().await;
    let visitor = app.visitor();
    let answer = visitor.get(DOCUMENT_PATH).await;
    let of = |answer: &Answer, name: header::HeaderName| {
        answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    };
    assert_eq!((answer.status, of(&answer, header::CONTENT_TYPE).as_str()), (StatusCode::OK, "application/json"));
    assert!(of(&answer, header::CACHE_CONTROL).starts_with("public, max-age=600"));
    let mark = of(&answer, header::ETAG);
    let again = |mark: &str| {
        let request = Request::get(DOCUMENT_PATH).header(header::IF_NONE_MATCH, mark).body(Body::empty()).expect("a request");
        visitor.send(request)
    };
    let known = again(&format!("\"other\", {mark}")).await;
    assert_eq!((known.status, known.body.as_str(), of(&known, header::ETAG)), (StatusCode::NOT_MODIFIED, "", mark));
    assert_eq!(again("\"other\"").await.status, StatusCode::OK);
}

#[tokio::test]
async fn people_read_the_same_without_a_program_in_both_languages() {
    let app = TestApp::sqlite().await;
    let visitor = app.visitor();
    let page = visitor.get(PAGE_PATH).await;
    assert_eq!(page.status, StatusCode::OK);
    let policy = page.headers.get(header::CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok()).unwrap_or_default();
    assert!(policy.starts_with("default-src 'none'; style-src 'self';"), "{policy}");
    assert!(page.body.starts_with("<!DOCTYPE html><html lang=\"ko\">"), "{}", &page.body[..200]);
    for foreign in ["<script", "style=\"", "src=\"", "href=\"http", "href=\"//", "[`"] {
        assert!(!page.body.contains(foreign), "{foreign}");
    }
    for described in &DOCUMENT.operations {
        assert!(page.body.contains(&format!("id=\"{}\"", described.operation.name())), "{}", described.operation.name());
        assert!(page.body.contains(described.operation.path));
        assert!(described.fields.iter().all(|field| page.body.contains(&field.name)));
    }
    // Every link on the page leads to something on it.
    for to in page.body.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(page.body.contains(&format!("id=\"{to}\"")), "{to} leads nowhere");
    }
    assert!(!page.body.contains(">api."), "a sentence is missing");
    let answer = visitor.post_form(PAGE_PATH, SetLanguage::PATH, &[("lang", "en")]).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, PAGE_PATH));
    assert!(visitor.get(PAGE_PATH).await.body.contains("<html lang=\"en\">"));
}

#[test]
fn fields_are_named_as_they_are_sent() {
    let field = |function: &str, name: &str| {
        let field = described(function).fields.iter().find(|field| field.name == name).expect("a field");
        (field.required, field.schema["type"].clone(), field.schema["format"].clone(), field.schema["maxLength"].clone())
    };
    assert_eq!(field("join_party", "party"), (true, json!("string"), json!("uuid"), Value::Null));
    assert_eq!(field("meals", "query[page][after][key]"), (false, json!("integer"), json!("int64"), Value::Null));
    assert_eq!(field("send_message", "form[text]"), (false, json!("string"), Value::Null, json!(2_000)));
    assert_eq!(field("send_images", "image"), (true, json!("string"), json!("binary"), Value::Null));
    assert_eq!(field("chat_room", "before"), (false, json!("integer"), json!("int64"), Value::Null));
}
