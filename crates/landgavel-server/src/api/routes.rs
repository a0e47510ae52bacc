//! All paths: the router and the OpenAPI document are made from one list.

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{MethodRouter, delete, get, post, put};
use serde_json::{Map, Value, json};

use super::{
    Api, Problem, acts, commands, create, dossier, drafts, files, json_response, operations, people, pledges, proxy,
    reads, stream,
};

/// One path with one method.
struct Route {
    method: &'static str,
    path: &'static str,
    summary: &'static str,
    /// What a good answer is.
    answer: &'static str,
    /// Parameters of the query.
    query: &'static [&'static str],
    /// A header that it needs, and what it holds.
    header: Option<[&'static str; 2]>,
    /// The schema of the body, when it has one.
    body: Option<fn() -> Value>,
    /// What the body is.
    sent: &'static str,
    handler: fn() -> MethodRouter<Api>,
}

const JSON: &str = "application/json";
const TEXT: &str = "text/plain";

fn routes() -> Vec<Route> {
    let read = |path, summary, answer, query: &'static [&'static str], handler| Route {
        method: "get",
        path,
        summary,
        answer,
        query,
        header: None,
        body: None,
        sent: JSON,
        handler,
    };
    let write = |method, path, summary, body, handler| Route {
        method,
        path,
        summary,
        answer: JSON,
        query: &[],
        header: None,
        body,
        sent: JSON,
        handler,
    };
    let mut routes = vec![
        read("/api/v1/sales", "All sales", JSON, &[], || get(reads::sales)),
        write(
            "post",
            "/api/v1/sales",
            "Create a sale from its files and a notice that two officers have signed",
            Some(create::schema),
            || post(create::create),
        ),
        write(
            "post",
            "/api/v1/notices",
            "The notice and policy that officers would sign for these files",
            Some(create::draft_schema),
            || post(create::draft),
        ),
        read("/api/v1/sales/{sale}", "What everybody sees of a sale now", JSON, &[], || get(reads::frame)),
        read("/api/v1/sales/{sale}/binding", "What a command must be bound to now", JSON, &[], || get(reads::binding)),
        read("/api/v1/sales/{sale}/mine", "What the caller sees beside it", JSON, &[], || get(reads::mine)),
        read("/api/v1/sales/{sale}/stream", "Frames as they come", "text/event-stream", &[], || get(stream::stream)),
        write(
            "post",
            "/api/v1/sales/{sale}/commands",
            "Ask for something with a signed command; answered once it is stored",
            Some(command_schema),
            || post(commands::ask),
        ),
        read(
            "/api/v1/sales/{sale}/commands",
            "What became of the command of a key with an id",
            JSON,
            &["key", "id"],
            || get(commands::find),
        ),
        read("/api/v1/sales/{sale}/entries", "Entries of the record", JSON, &["from", "limit"], || get(reads::entries)),
        read(
            "/api/v1/sales/{sale}/entries/{entry}/proof",
            "A witnessed receipt of an entry (C2SP tlog-proof)",
            TEXT,
            &[],
            || get(reads::proof),
        ),
        read(
            "/sales/{sale}/calendar.ics",
            "The dates of the notice as a calendar (RFC 5545)",
            "text/calendar",
            &[],
            || get(files::calendar),
        ),
        read("/sales/{sale}/ocds.json", "Notice and result as a release package of OCDS 1.1", JSON, &[], || {
            get(files::open_contracting)
        }),
        read("/sales/{sale}/bundle.zip", "The whole record as an archive", "application/zip", &[], || {
            get(files::archive)
        }),
        read("/sales/{sale}/log/{*path}", "The files of the record and its log (C2SP tlog-tiles)", TEXT, &[], || {
            get(files::file)
        }),
        read("/api/v1/register", "All sales as the register names them", JSON, &[], || get(reads::register)),
        read("/register/log/{*path}", "The files of the register and its log (C2SP tlog-tiles)", TEXT, &[], || {
            get(files::register)
        }),
        read("/healthz", "Whether the process answers", JSON, &[], || get(operations::health)),
        read("/readyz", "Whether every sale is open", JSON, &[], || get(operations::ready)),
        read("/metrics", "Counters for Prometheus", TEXT, &[], || get(operations::metrics)),
        read("/api/v1/openapi.json", "This document", JSON, &[], || get(document)),
    ];
    routes.extend([
        write(
            "post",
            "/api/v1/accounts",
            "Make a bidder's account, or accept an invitation",
            Some(people::join_schema),
            || post(people::join),
        ),
        write(
            "post",
            "/api/v1/session",
            "Log in: answered with a token for Authorization",
            Some(people::login_schema),
            || post(people::log_in),
        ),
        write("delete", "/api/v1/session", "Log out", None, || delete(people::log_out)),
        read("/api/v1/account", "The caller's account", JSON, &[], || get(people::own)),
        write(
            "put",
            "/api/v1/account/key",
            "Enrol the key with which the account signs",
            Some(people::key_schema),
            || put(people::enrol),
        ),
        write("post", "/api/v1/account/code", "Set up one-time codes", Some(people::code_schema), || {
            post(people::code)
        }),
        read("/api/v1/tasks", "What waits for the caller", JSON, &[], || get(people::tasks)),
        read("/api/v1/rulebooks", "Shipped rulebooks, to begin a draft from", JSON, &[], || get(drafts::rulebooks)),
        read("/api/v1/drafts", "All drafts", JSON, &[], || get(drafts::list)),
        write("post", "/api/v1/drafts", "Begin a draft", Some(drafts::schema), || post(drafts::begin)),
        read("/api/v1/drafts/{draft}", "A draft, its findings, and the text to sign", JSON, &[], || get(drafts::get)),
        write(
            "put",
            "/api/v1/drafts/{draft}",
            "Change a draft; its signatures are dropped",
            Some(drafts::schema),
            || put(drafts::change),
        ),
        write("delete", "/api/v1/drafts/{draft}", "Drop a draft", None, || delete(drafts::discard)),
        write(
            "post",
            "/api/v1/drafts/{draft}/signatures",
            "Sign the notice; with the second officer's signature the sale is published",
            Some(drafts::signature_schema),
            || post(drafts::sign),
        ),
        read("/api/v1/sales/{sale}/acts", "Acts that need two officers", JSON, &[], || get(acts::list)),
        write(
            "post",
            "/api/v1/sales/{sale}/acts",
            "Sign such an act first; it waits for the second officer",
            Some(command_schema),
            || post(acts::begin),
        ),
        write(
            "post",
            "/api/v1/sales/{sale}/acts/{act}/signatures",
            "Sign an act second; it is entered",
            Some(drafts::signature_schema),
            || post(acts::sign),
        ),
        write("delete", "/api/v1/sales/{sale}/acts/{act}", "Take an act back that waits", None, || {
            delete(acts::withdraw)
        }),
        write(
            "post",
            "/api/v1/sales/{sale}/proxy",
            "Lodge bids that are signed in advance, one per amount; the hall brings them when their bidder is outbid",
            Some(proxy::schema),
            || post(proxy::lodge),
        ),
        write("delete", "/api/v1/sales/{sale}/proxy", "Take lodged bids back", None, || delete(proxy::cancel)),
        write(
            "post",
            "/api/v1/sales/{sale}/application",
            "Say who applies: answered with code, commitment and group",
            Some(dossier::application_schema),
            || post(dossier::apply),
        ),
        read("/api/v1/sales/{sale}/application", "The caller's application and bond", JSON, &[], || {
            get(dossier::application)
        }),
        Route {
            method: "put",
            path: "/api/v1/sales/{sale}/bond",
            summary: "Hand in a bid bond: its paper as the body, its terms in a header",
            answer: JSON,
            query: &[],
            header: Some([
                dossier::TERMS,
                "JSON in ASCII, of texts: form (cash, guarantee, insurance), amount; for a letter issuer or guarantor, \
                 valid_until (2026-12-31), beneficiary, on_demand (yes)",
            ]),
            body: Some(dossier::paper_schema),
            sent: "application/octet-stream",
            handler: || put(dossier::lodge),
        },
        read("/api/v1/sales/{sale}/bonds", "Bonds that were handed in", JSON, &[], || get(dossier::bonds)),
        Route {
            method: "post",
            path: "/api/v1/sales/{sale}/bonds/{bidder}/paper",
            summary: "The paper of a bond; leaves a trace with its reason",
            answer: "application/pdf",
            query: &[],
            header: None,
            body: Some(dossier::reading_schema),
            sent: JSON,
            handler: || post(dossier::paper),
        },
        write(
            "post",
            "/api/v1/sales/{sale}/bonds/{bidder}/confirmation",
            "An officer's signed command that enters a bond; its note is `landgavel-bond/1 sha256:` and the bond's digest",
            Some(command_schema),
            || post(dossier::confirm),
        ),
        write(
            "post",
            "/api/v1/sales/{sale}/bonds/{bidder}/answer",
            "The guarantor confirms or denies",
            Some(dossier::answer_schema),
            || post(dossier::answer),
        ),
        read("/api/v1/guarantees", "Guarantees that name the caller", JSON, &[], || get(dossier::guarantees)),
        write("post", "/api/v1/sales/{sale}/identities/{bidder}", "Who a bidder is; leaves a trace", None, || {
            post(dossier::identity)
        }),
        read("/api/v1/readings", "Who read which identity", JSON, &["after"], || get(dossier::readings)),
    ]);
    routes.extend([
        read("/api/v1/pledges", "All pledges: how each stands, and what falls due next", JSON, &[], || {
            get(pledges::list)
        }),
        read("/api/v1/pledges/{pledge}", "A pledge as it stands", JSON, &[], || get(pledges::get)),
        read("/api/v1/pledges/{pledge}/binding", "What a command must be bound to", JSON, &[], || {
            get(pledges::binding)
        }),
        write(
            "post",
            "/api/v1/pledges/{pledge}/commands",
            "Ask for something with a command and all its signatures; answered once it is stored",
            Some(command_schema),
            || post(pledges::ask),
        ),
        read("/api/v1/pledges/{pledge}/entries", "Entries of the record", JSON, &["from", "limit"], || {
            get(pledges::entries)
        }),
        read("/api/v1/pledges/{pledge}/acts", "Acts that two must sign", JSON, &[], || get(pledges::acts)),
        write(
            "post",
            "/api/v1/pledges/{pledge}/acts",
            "Sign such an act first; it waits for a second officer, or for the issuer of the bond",
            Some(command_schema),
            || post(pledges::begin_act),
        ),
        write(
            "post",
            "/api/v1/pledges/{pledge}/acts/{act}/signatures",
            "Sign an act second; it is entered",
            Some(drafts::signature_schema),
            || post(pledges::sign_act),
        ),
        write("delete", "/api/v1/pledges/{pledge}/acts/{act}", "Take an act back that waits", None, || {
            delete(pledges::withdraw_act)
        }),
        read("/api/v1/terms", "Shipped terms of pledges, to begin an opening from", JSON, &[], || get(pledges::terms)),
        read("/api/v1/openings", "Openings of pledges", JSON, &[], || get(pledges::openings)),
        write(
            "post",
            "/api/v1/openings",
            "Write down a pledge of an awarded sale, for two officers to sign",
            Some(pledges::opening_schema),
            || post(pledges::begin_opening),
        ),
        read("/api/v1/openings/{opening}", "An opening and the text to sign", JSON, &[], || get(pledges::opening)),
        write("delete", "/api/v1/openings/{opening}", "Drop an opening", None, || delete(pledges::discard_opening)),
        write(
            "post",
            "/api/v1/openings/{opening}/signatures",
            "Sign an opening; with the second officer's signature the pledge has a record of its own",
            Some(drafts::signature_schema),
            || post(pledges::sign_opening),
        ),
        read(
            "/pledges/{pledge}/bundle.zip",
            "The whole record of a pledge as an archive",
            "application/zip",
            &[],
            || get(pledges::archive),
        ),
        read(
            "/pledges/{pledge}/calendar.ics",
            "The days of a pledge that lie ahead, with reminders, as a calendar (RFC 5545)",
            "text/calendar",
            &[],
            || get(pledges::calendar),
        ),
        read(
            "/pledges/{pledge}/log/{*path}",
            "The files of the record and its log (C2SP tlog-tiles)",
            TEXT,
            &[],
            || get(pledges::file),
        ),
    ]);
    routes
}

/// The router of all paths.
pub(super) fn router(api: Api) -> Router {
    let mut router = Router::new();
    for route in routes() {
        router = router.route(route.path, (route.handler)());
    }
    router.method_not_allowed_fallback(not_this_method).with_state(api)
}

async fn not_this_method() -> Problem {
    Problem::method()
}

async fn document() -> Result<Response, Problem> {
    json_response(&openapi())
}

/// The OpenAPI document of the API.
pub fn openapi() -> Value {
    let mut paths = Map::new();
    for route in routes() {
        let path = route.path.replace("{*path}", "{path}");
        let methods = paths.entry(path.clone()).or_insert_with(|| json!({}));
        methods[route.method] = operation(&route, &path);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Landgavel: the hall",
            "version": "1",
            "description": "A command is allowed by its signatures alone. What belongs to an account asks for a token in \
                            `Authorization: Bearer`, from `/api/v1/session`. Every answer that is no is a problem document \
                            (RFC 9457) with a stable code.",
            "license": {"name": "MIT OR Apache-2.0"},
        },
        "paths": paths,
        "components": {"schemas": {"Problem": problem_schema()}},
    })
}

fn operation(route: &Route, path: &str) -> Value {
    let in_path = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let in_path = in_path.map(|name| {
        let kind = if name == "entry" { "integer" } else { "string" };
        json!({"name": name, "in": "path", "required": true, "schema": {"type": kind}})
    });
    let in_query = route.query.iter().map(|name| {
        let kind = if matches!(*name, "from" | "limit" | "after") { "integer" } else { "string" };
        json!({"name": name, "in": "query", "required": matches!(*name, "key" | "id"), "schema": {"type": kind}})
    });
    let in_header = route.header.map(|[name, what]| {
        json!({"name": name, "in": "header", "required": true, "description": what, "schema": {"type": "string"}})
    });
    let parameters: Vec<Value> = in_path.chain(in_query).chain(in_header).collect();
    let ok = StatusCode::OK.as_u16().to_string();
    let schema = if route.answer == JSON { json!({"type": "object"}) } else { json!({"type": "string"}) };
    let problem = json!({"schema": {"$ref": "#/components/schemas/Problem"}});
    let mut operation = json!({
        "summary": route.summary,
        "operationId": operation_id(route),
        "parameters": parameters,
        "responses": {
            ok: {"description": "Good", "content": {route.answer: {"schema": schema}}},
            "default": {"description": "No, and why", "content": {"application/problem+json": problem}},
        },
    });
    if let Some(body) = route.body {
        operation["requestBody"] = json!({"required": true, "content": {route.sent: {"schema": body()}}});
    }
    operation
}

fn operation_id(route: &Route) -> String {
    let words = route.path.split(['/', '.']).filter(|part| !part.is_empty() && *part != "api" && *part != "v1");
    let words: Vec<String> = words.map(|part| part.trim_matches(['{', '}', '*']).to_owned()).collect();
    format!("{}_{}", route.method, words.join("_"))
}

pub(super) fn signatures_schema() -> Value {
    json!({"type": "array", "maxItems": 4, "items": {
        "type": "object", "required": ["key", "signature"], "additionalProperties": false,
        "properties": {
            "key": {"type": "string", "description": "ed25519:BASE64 or sm2:BASE64"},
            "signature": {"type": "string", "description": "Base64, over the bytes of the text"},
        },
    }})
}

fn command_schema() -> Value {
    json!({
        "type": "object", "required": ["command"], "additionalProperties": false,
        "properties": {
            "command": {"type": "string", "maxLength": 32768, "description": "The command in restricted JSON, as it was signed"},
            "signatures": signatures_schema(),
        },
    })
}

fn problem_schema() -> Value {
    json!({
        "type": "object", "required": ["type", "title", "status", "code", "detail", "words"],
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"type": "string", "description": "Stable, for programs"},
            "detail": {"type": "string"},
            "words": {"type": "object", "properties": {"zh": {"type": "string"}, "en": {"type": "string"}}},
        },
    })
}
