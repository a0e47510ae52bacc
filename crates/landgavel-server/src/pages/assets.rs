use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};

/// Files of the pages, in the binary: a hall needs nothing beside it.
const ASSETS: [(&str, &str, &str); 14] = [
    ("css/hall.css", "text/css; charset=utf-8", include_str!("../../assets/css/hall.css")),
    ("mark.svg", "image/svg+xml", include_str!("../../assets/mark.svg")),
    ("js/canonical.js", JS, include_str!("../../assets/js/canonical.js")),
    ("js/clock.js", JS, include_str!("../../assets/js/clock.js")),
    ("js/commit.js", JS, include_str!("../../assets/js/commit.js")),
    ("js/commands.js", JS, include_str!("../../assets/js/commands.js")),
    ("js/demo.js", JS, include_str!("../../assets/js/demo.js")),
    ("js/keys.js", JS, include_str!("../../assets/js/keys.js")),
    ("js/proxy.js", JS, include_str!("../../assets/js/proxy.js")),
    ("js/receipts.js", JS, include_str!("../../assets/js/receipts.js")),
    ("js/room.js", JS, include_str!("../../assets/js/room.js")),
    ("js/sign.js", JS, include_str!("../../assets/js/sign.js")),
    ("js/texts.js", JS, include_str!("../../assets/js/texts.js")),
    ("js/upload.js", JS, include_str!("../../assets/js/upload.js")),
];
const JS: &str = "text/javascript; charset=utf-8";

pub(super) async fn asset(Path(path): Path<String>) -> Response {
    match ASSETS.iter().find(|(name, _, _)| *name == path) {
        // Short, so that a new version is seen within a minute and a page's parts stay of one version.
        Some((_, kind, text)) => {
            ([(CONTENT_TYPE, *kind), (CACHE_CONTROL, "public, max-age=60")], *text).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_that_another_one_imports_is_served() {
        for (name, _, text) in ASSETS {
            let imported = text.lines().filter_map(|line| line.split_once("from \"./")?.1.strip_suffix("\";"));
            for module in imported {
                let served = ASSETS.iter().any(|(other, _, _)| *other == format!("js/{module}"));
                assert!(served, "{name} imports {module}");
            }
        }
    }
}
