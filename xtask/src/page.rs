//! The verifier as one page: its module, packed, between the hand-written parts of the page.
//!
//! The page loads nothing but, where its address names one, a record of the hall that it came from. Its policy (CSP)
//! lets it ask nobody else, and names the digests of its one script and its one style, so a browser
//! runs no other, not even when a text of a record found its way into the markup. Built again from the same
//! sources with the same compiler it has the same bytes: paths of this machine are taken out of the
//! module, and packing does not depend on the machine.

use std::fmt::Write as _;
use std::fs;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};

use crate::{Verdict, cargo};

const TARGET: &str = "wasm32-unknown-unknown";
/// Where the parts of the page stand.
const PARTS: &str = "crates/landgavel-wasm/page";
/// Its scripts, in the order in which they are joined.
const SCRIPTS: [&str; 7] = ["words.js", "module.js", "worker.js", "files.js", "fetch.js", "view.js", "page.js"];
/// Its styles, tokens first.
const STYLES: [&str; 2] = ["tokens.css", "verify.css"];
/// Rounds of packing: each makes the page a little smaller and takes a few seconds.
const PACKING_ROUNDS: NonZeroU64 = NonZeroU64::new(5).expect("five is not zero");

/// Builds `target/page/verify.html` and says what it weighs.
pub(crate) fn run(root: &Path) -> Result<Verdict> {
    if !has_target()? {
        println!("page: the target {TARGET} is not installed");
        return Ok(Verdict::Found);
    }
    let page = build(root)?;
    let bytes = fs::read(&page)?;
    println!("{}: {} bytes, SHA-256 {}", page.display(), bytes.len(), hex(&Sha256::digest(&bytes)));
    Ok(Verdict::Good)
}

/// Builds the page and tells where it is.
pub(crate) fn build(root: &Path) -> Result<PathBuf> {
    let module = fs::read(module(root)?)?;
    let parts = root.join(PARTS);
    let part = |name: &str| fs::read_to_string(parts.join(name)).with_context(|| format!("cannot read {name}"));
    let all = |names: &[&str]| -> Result<String> {
        Ok(names.iter().map(|name| part(name)).collect::<Result<Vec<_>>>()?.join("\n"))
    };
    let page = join(&part("verify.html")?, &all(&STYLES)?, &all(&SCRIPTS)?, &module, &pack(&module)?)?;
    let folder = root.join("target/page");
    fs::create_dir_all(&folder)?;
    let path = folder.join("verify.html");
    fs::write(&path, page)?;
    Ok(path)
}

/// Whether the compiler can build for a browser.
pub(crate) fn has_target() -> Result<bool> {
    let folder = ask_rustc(&["--print", "target-libdir", "--target", TARGET])?;
    Ok(fs::read_dir(folder.trim())
        .is_ok_and(|files| files.flatten().any(|file| file.file_name().to_string_lossy().starts_with("libcore"))))
}

/// Builds the module and tells where it is.
pub(crate) fn module(root: &Path) -> Result<PathBuf> {
    let mut build = cargo(root);
    build.args(["build", "--quiet", "--profile", "page", "--package", "landgavel-wasm", "--target", TARGET]);
    if !build.env("CARGO_ENCODED_RUSTFLAGS", flags(root)?.join("\x1f")).status()?.success() {
        bail!("the module could not be built");
    }
    Ok(root.join("target").join(TARGET).join("page/landgavel_wasm.wasm"))
}

/// The compiler's flags: the curve is faster with the words of 64 bits that the module has, and messages of a
/// panic name files as the project does, not as this machine.
fn flags(root: &Path) -> Result<Vec<String>> {
    let mut flags = vec!["--cfg".to_owned(), "curve25519_dalek_bits=\"64\"".to_owned()];
    let mut remap = |from: &Path, to: &str| flags.push(format!("--remap-path-prefix={}={to}", from.display()));
    remap(root, "landgavel");
    let sources = PathBuf::from(ask_rustc(&["--print", "sysroot"])?.trim()).join("lib/rustlib/src/rust");
    remap(&sources, "rust");
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo"))).context("no home directory")?;
    let mut registries: Vec<PathBuf> =
        fs::read_dir(home.join("registry/src")).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    registries.sort();
    for registry in registries {
        remap(&registry, "crates");
    }
    Ok(flags)
}

fn ask_rustc(arguments: &[&str]) -> Result<String> {
    let output = Command::new("rustc").args(arguments).output().context("cannot run rustc")?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Packs with gzip, the same on every machine.
fn pack(module: &[u8]) -> Result<Vec<u8>> {
    let options = zopfli::Options { iteration_count: PACKING_ROUNDS, ..zopfli::Options::default() };
    let mut packed = Vec::new();
    zopfli::compress(options, zopfli::Format::Gzip, module, &mut packed).context("cannot pack the module")?;
    Ok(packed)
}

/// Joins the parts of the page: pure, so that the same parts make the same bytes.
fn join(page: &str, style: &str, script: &str, module: &[u8], packed: &[u8]) -> Result<String> {
    // The worker is made of the same script, so it stands in a scope of its own.
    let script = format!("\"use strict\";\n(() => {{\n{script}}})();\n");
    for (what, text, end) in [("script", script.as_str(), "</script"), ("style", style, "</style")] {
        ensure!(!text.to_ascii_lowercase().contains(end), "the {what} would end at its own “{end}”");
        ensure!(!text.contains("<!--"), "the {what} would open a comment");
    }
    let policy = policy(&script, style);
    let fills = [
        ("policy", policy),
        ("style", style.to_owned()),
        ("script", script),
        ("module", BASE64_STANDARD.encode(packed)),
        ("module_sha256", hex(&Sha256::digest(module))),
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
    ];
    let mut rest = page;
    let mut joined = String::new();
    let mut used = Vec::new();
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").context("a place in the page has no end")?;
        let (name, fill) =
            fills.iter().find(|(known, _)| *known == name).with_context(|| format!("no part “{name}”"))?;
        joined.push_str(before);
        joined.push_str(fill);
        used.push(*name);
        rest = after;
    }
    joined.push_str(rest);
    for (name, _) in &fills {
        ensure!(used.iter().filter(|other| *other == name).count() == 1, "the page has not one place for “{name}”");
    }
    Ok(joined)
}

/// What a browser lets the page do: its own script and style, the module, a worker, its own icon, the server that it
/// came from.
fn policy(script: &str, style: &str) -> String {
    let digest = |text: &str| format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)));
    format!(
        "default-src 'none'; script-src {} 'wasm-unsafe-eval'; style-src {}; worker-src blob:; img-src data:; \
         connect-src 'self'; base-uri 'none'; form-action 'none'",
        digest(script),
        digest(style)
    )
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<meta content=\"{{policy}}\"><style>{{style}}</style>{{version}} {{module_sha256}}\
        <script type=\"text/plain\">{{module}}</script><script>{{script}}</script>";

    #[test]
    fn a_policy_names_the_bytes_that_stand_in_the_page() {
        let page = join(PAGE, "a{}", "f();\n", b"module", b"packed").unwrap();
        let script = page.split("<script>").nth(1).unwrap().split("</script>").next().unwrap();
        assert_eq!(script, "\"use strict\";\n(() => {\nf();\n})();\n");
        let named = format!("script-src 'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(script)));
        assert!(page.contains(&named), "{page}");
        assert!(page.contains("default-src 'none'") && page.contains(&BASE64_STANDARD.encode(b"packed")));
    }

    #[test]
    fn a_place_that_is_filled_twice_or_never_is_an_error() {
        let twice = PAGE.replace("{{version}}", "{{version}}{{version}}");
        let never = PAGE.replace("{{module}}", "");
        let unknown = format!("{PAGE}{{{{other}}}}");
        for page in [twice, never, unknown] {
            assert!(join(&page, "", "", b"", b"").is_err(), "{page}");
        }
    }

    #[test]
    fn a_script_that_would_end_itself_is_an_error() {
        assert!(join(PAGE, "", "const s = \"</script>\";", b"", b"").is_err());
        assert!(join(PAGE, "/* </STYLE> */", "", b"", b"").is_err());
        assert!(join(PAGE, "", "// <!--", b"", b"").is_err());
    }

    #[test]
    fn what_is_packed_is_smaller_and_gzip() {
        let packed = pack(&[7; 4096]).unwrap();
        assert!(packed.len() < 100 && packed.starts_with(&[0x1f, 0x8b]), "{packed:?}");
        // No time of packing, which would differ from run to run.
        assert_eq!(packed[4..8], [0; 4]);
    }
}
