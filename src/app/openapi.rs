//! The public API's documentation: `/api/openapi.json` for programs, `/api/docs` for people.
//!
//! Both are made from the server functions' own types: which arguments they take, what they answer and what their doc comments say.
//! What is written down here is how calls are encoded and refused, which [`super::api`] decides.

pub mod operations;
pub mod page;
pub mod words;

use crate::server::keys::fingerprint;
use crate::shared::error::AppError;
use crate::shared::text::{Lang, t_args_in, t_in};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use operations::{Encoding, Operation, Who};
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Where the document for programs stands.
pub const DOCUMENT_PATH: &str = "/api/openapi.json";
/// Where the page for people stands.
pub const PAGE_PATH: &str = "/api/docs";

/// The description of the whole API. It says the same to everybody for as long as this program runs.
#[derive(Debug)]
pub struct Document {
    /// The operations in the order of the page.
    pub operations: Vec<Described>,
    /// The shapes of answers, by their names.
    pub shapes: Map<String, Value>,
    /// Every refusal.
    pub refusals: Vec<Refusal>,
    body: String,
    etag: HeaderValue,
}

/// An operation with what its types say.
#[derive(Debug)]
pub struct Described {
    /// Which.
    pub operation: Operation,
    /// What it does, in sentences.
    pub what: String,
    /// Why it refuses beyond what all have in common, as far as it says so itself.
    pub errors: String,
    /// What is sent.
    pub fields: Vec<Field>,
    /// Whether something has to be sent, be it only one of them.
    pub asks: bool,
    /// The schema of what comes back.
    pub answer: Value,
}

/// Something that is sent: a part of the query, or a field of a form.
#[derive(Debug)]
pub struct Field {
    /// Its name on the way: `form[party]`.
    pub name: String,
    /// Whether it has to be there.
    pub required: bool,
    /// Its schema, with its meaning.
    pub schema: Value,
}

/// A refusal that can be answered.
#[derive(Debug)]
pub struct Refusal {
    /// Its code, and that of the conflict behind a dot: `conflict.full`.
    pub code: String,
    /// It itself.
    pub error: AppError,
}

impl Refusal {
    /// What it means, in a sentence.
    #[must_use]
    pub fn meaning(&self, lang: Lang) -> String {
        t_args_in(lang, self.error.key(), &[("seconds", "N".to_owned()), ("count", "N".to_owned())])
    }
}

/// The description, made when it is first asked for.
pub static DOCUMENT: LazyLock<Document> = LazyLock::new(|| {
    super::texts::install_all();
    Document::new(operations::all())
});

/// Answers with the document. It may be kept for minutes, like other files that keep their names, and be asked for again by its mark.
pub async fn document(headers: HeaderMap) -> Response {
    let Document { body, etag, .. } = &*DOCUMENT;
    let caching = [
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=600, stale-while-revalidate=86400")),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
        (header::ETAG, etag.clone()),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    ];
    let is_known = |known: &str| known.split(',').any(|mark| mark.trim() == "*" || mark.trim().as_bytes() == etag.as_bytes());
    if headers.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok()).is_some_and(is_known) {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    let kind: (HeaderName, &str) = (header::CONTENT_TYPE, "application/json");
    (caching, [kind], body.as_str()).into_response()
}

impl Document {
    fn new(operations: Vec<Operation>) -> Self {
        let answers = SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = "/components/schemas".into());
        let mut answers = answers.for_serialize().into_generator();
        let mut questions = SchemaSettings::draft2020_12().for_deserialize().into_generator();
        let error = answers.subschema_for::<AppError>().to_value();
        let described: Vec<(Operation, Value, Value)> = operations
            .into_iter()
            .map(|operation| {
                let question = (operation.question)(&mut questions).to_value();
                let answer = (operation.answer)(&mut answers).to_value();
                (operation, question, answer)
            })
            .collect();
        let definitions = questions.take_definitions(true);
        let mut shapes = answers.take_definitions(true);
        shapes.values_mut().for_each(words::clean_all);
        shapes.sort_keys();
        let operations = described
            .into_iter()
            .map(|(operation, question, answer)| {
                let (what, errors) = words::parts(question["description"].as_str().unwrap_or_default());
                let mut fields = Vec::new();
                flatten(&question, &definitions, "", true, &mut fields);
                let asks = question["required"].as_array().is_some_and(|required| !required.is_empty());
                Described { operation, what, errors, fields, asks, answer }
            })
            .collect();
        let refusals = refusals(&shapes);
        let mut document = Self { operations, shapes, refusals, body: String::new(), etag: HeaderValue::from_static("") };
        document.body = document.written(&error).to_string();
        let mark = format!("\"{}\"", &fingerprint(&document.body)[..16]);
        document.etag = HeaderValue::try_from(mark).expect("hexadecimal digits in quotes are a header");
        document
    }

    fn written(&self, error: &Value) -> Value {
        let say = |key| t_in(Lang::En, key);
        let mut paths = Map::new();
        for described in &self.operations {
            let method = described.operation.method.as_str().to_lowercase();
            paths.insert(described.operation.path.to_owned(), json!({ method: self.operation(described) }));
        }
        let tags: Vec<_> = operations::features().map(|name| json!({"name": name, "description": say(operations::title(name))})).collect();
        let introduction = words::INTRODUCTION.map(|(title, text)| format!("## {}\n\n{}", say(title), say(text)));
        let content = json!({"application/json": {"schema": error}});
        let mut responses: Map<String, Value> = self
            .statuses()
            .into_iter()
            .map(|(status, refusals)| {
                let lines: Vec<_> = refusals.iter().map(|refusal| format!("- `{}`: {}", refusal.code, refusal.meaning(Lang::En))).collect();
                let mut response = json!({"description": lines.join("\n"), "content": content});
                if refusals.iter().any(|refusal| refusal.error.retry_after().is_some()) {
                    response["headers"] =
                        json!({"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}});
                }
                (status_name(status), response)
            })
            .collect();
        responses.insert("Refused".to_owned(), json!({"description": say("api.refused"), "content": content}));
        json!({
            "openapi": "3.1.0",
            "info": {
                "title": say("shell.name"),
                "version": env!("CARGO_PKG_VERSION"),
                "summary": say("api.lead"),
                "description": introduction.join("\n\n"),
                "license": {"name": env!("CARGO_PKG_LICENSE"), "identifier": env!("CARGO_PKG_LICENSE")},
            },
            "servers": [{"url": "/"}],
            "tags": tags,
            "paths": paths,
            "components": {
                "schemas": self.shapes,
                "responses": responses,
                "securitySchemes": {
                    "session": {"type": "apiKey", "in": "cookie", "name": "moim_access", "description": say("api.sign_in.text")},
                },
            },
        })
    }

    fn operation(&self, described: &Described) -> Value {
        let Described { operation, what, errors, fields, asks, answer } = described;
        let (summary, more) = words::split_summary(what);
        let who = t_in(Lang::En, operation.who.key());
        let description = [more, who.as_str(), errors].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n");
        let mut responses = Map::new();
        responses.insert("200".to_owned(), json!({"description": "Done.", "content": {"application/json": {"schema": answer}}}));
        for status in self.statuses_of(described) {
            responses.insert(status.to_string(), json!({"$ref": format!("#/components/responses/{}", status_name(status))}));
        }
        responses.insert("default".to_owned(), json!({"$ref": "#/components/responses/Refused"}));
        let mut written = json!({
            "tags": [operation.feature],
            "operationId": operation.name(),
            "summary": summary,
            "description": description,
            "responses": responses,
            "security": if operation.who == Who::Anyone { json!([{}, {"session": []}]) } else { json!([{"session": []}]) },
        });
        let kind = match operation.encoding {
            Encoding::Query => {
                written["parameters"] = fields.iter().map(parameter).collect();
                return written;
            }
            Encoding::Form => "application/x-www-form-urlencoded",
            Encoding::Files => "multipart/form-data",
        };
        if !fields.is_empty() {
            let required: Vec<_> = fields.iter().filter(|field| field.required).map(|field| &field.name).collect();
            let properties: Map<_, _> = fields.iter().map(|field| (field.name.clone(), field.schema.clone())).collect();
            let mut schema = json!({"type": "object", "properties": properties, "required": required});
            if *asks && required.is_empty() {
                // None of the form's fields is needed, but the form is.
                schema["minProperties"] = json!(1);
            }
            written["requestBody"] = json!({"required": asks, "content": {kind: {"schema": schema}}});
        }
        written
    }

    /// Which refusals each status stands for.
    #[must_use]
    pub fn statuses(&self) -> BTreeMap<u16, Vec<&Refusal>> {
        let mut statuses: BTreeMap<u16, Vec<&Refusal>> = BTreeMap::new();
        for refusal in &self.refusals {
            statuses.entry(refusal.error.status()).or_default().push(refusal);
        }
        statuses
    }

    /// The statuses with which an operation may refuse: by who may call it, by what it takes, and by what it says itself.
    #[must_use]
    pub fn statuses_of(&self, described: &Described) -> Vec<u16> {
        let Described { operation, errors, fields, .. } = described;
        let mut statuses = vec![400, 500, 503];
        let changes = operation.method != Method::GET;
        if changes {
            // From another site; too large.
            statuses.extend([403, 413]);
        }
        match operation.who {
            Who::Anyone => {}
            Who::Member => statuses.push(401),
            Who::Verified => statuses.extend([401, 403]),
        }
        if changes && operation.who != Who::Anyone {
            statuses.push(429);
        }
        if fields.iter().any(|field| field.schema["format"] == "uuid") {
            // It may be gone, or in a state that allows nothing of the kind.
            statuses.push(404);
            statuses.extend(changes.then_some(409));
        }
        if changes && (operation.encoding == Encoding::Files || fields.iter().any(|field| field.name.starts_with("form["))) {
            statuses.push(422);
        }
        let is_named = |refusal: &&Refusal| errors.contains(&format!("`{}`", refusal.code));
        statuses.extend(self.refusals.iter().filter(is_named).map(|refusal| refusal.error.status()));
        statuses.sort_unstable();
        statuses.dedup();
        statuses
    }
}

/// Every refusal there is, from the shapes in which they are written.
fn refusals(shapes: &Map<String, Value>) -> Vec<Refusal> {
    let words_of = |shape: &str| words::choices(&shapes[shape]);
    let mut found = Vec::new();
    for code in words_of("Code") {
        let wires = match code.as_str() {
            "conflict" => words_of("Conflict").into_iter().map(|conflict| json!({"code": code, "conflict": conflict})).collect(),
            // Only browsers say it, to themselves.
            "offline" => Vec::new(),
            _ => vec![json!({"code": code})],
        };
        for wire in wires {
            let name = wire["conflict"].as_str().map_or_else(|| code.clone(), |conflict| format!("{code}.{conflict}"));
            found.push(Refusal { code: name, error: serde_json::from_value(wire).expect("its own schema describes it") });
        }
    }
    found
}

/// The name under which the document keeps what a status says.
fn status_name(status: u16) -> String {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Refused");
    reason.split_whitespace().collect()
}

fn parameter(field: &Field) -> Value {
    let mut schema = field.schema.clone();
    let description = schema.as_object_mut().and_then(|schema| schema.shift_remove("description")).unwrap_or(json!(""));
    json!({"name": field.name, "in": "query", "required": field.required, "description": description, "schema": schema})
}

/// Queries and forms are flat: what stands in a struct within a struct is named `outer[inner]`. OpenAPI's `deepObject` says this of
/// one level only, so each field is described under the name that it has on the way.
fn flatten(schema: &Value, definitions: &Map<String, Value>, name: &str, required: bool, found: &mut Vec<Field>) {
    let (resolved, can_be_absent) = resolve(schema, definitions);
    if let Some(properties) = resolved["properties"].as_object() {
        let needed: Vec<&str> = resolved["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (inner, schema) in properties {
            let full = if name.is_empty() { inner.clone() } else { format!("{name}[{inner}]") };
            flatten(schema, definitions, &full, required && !can_be_absent && needed.contains(&inner.as_str()), found);
        }
    } else if !name.is_empty() {
        let mut schema = resolved;
        for noise in ["$defs", "title"] {
            schema.as_object_mut().and_then(|schema| schema.shift_remove(noise));
        }
        if matches!(&schema["default"], Value::Null) || schema["default"] == "" {
            schema.as_object_mut().and_then(|schema| schema.shift_remove("default"));
        }
        words::clean_all(&mut schema);
        found.push(Field { name: name.to_owned(), required: required && !can_be_absent, schema });
    }
}

/// A schema without references and without `null`, which no field of a form can be; and whether it could have been.
fn resolve(schema: &Value, definitions: &Map<String, Value>) -> (Value, bool) {
    let mut whole = schema.clone();
    let mut can_be_absent = false;
    while let Some(object) = whole.as_object_mut() {
        let next = if let Some(Value::String(to)) = object.shift_remove("$ref") {
            to.rsplit('/').next().and_then(|name| definitions.get(name)).cloned()
        } else if let Some(Value::Array(either)) = object.shift_remove("anyOf") {
            can_be_absent = true;
            either.into_iter().find(|schema| schema["type"] != "null")
        } else {
            None
        };
        let Some(Value::Object(next)) = next else { break };
        for (key, value) in next {
            // What the field says of itself goes before what its type says.
            object.entry(key).or_insert(value);
        }
    }
    if let Some(kinds) = whole["type"].as_array() {
        can_be_absent |= kinds.iter().any(|kind| kind == "null");
        let kind = kinds.iter().find(|kind| *kind != "null").cloned();
        whole["type"] = kind.unwrap_or_default();
    }
    (whole, can_be_absent)
}
