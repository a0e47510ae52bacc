//! What `cargo metadata` says, cut down to what the checks need.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::{cargo, python};

/// A crate of the workspace.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// Folder of the crate from the root of the project.
    pub(crate) folder: String,
    /// Names of its normal and build dependencies; those of its tests are not part of the walls.
    pub(crate) imports: Vec<String>,
}

/// Any crate that ends up in a build, with the licence it states.
#[derive(Debug, Clone)]
pub(crate) struct Licensed {
    pub(crate) name: String,
    pub(crate) licence: Option<String>,
}

/// The crates of the workspace, and of the package for Python, and what they import.
pub(crate) fn of_workspace(root: &Path) -> Result<Vec<Package>> {
    let mut packages = read_workspace(&metadata(root, &["--no-deps"])?, "")?;
    packages.extend(read_workspace(&metadata(&root.join(python::FOLDER), &["--no-deps"])?, python::FOLDER)?);
    Ok(packages)
}

/// Every crate in the builds for this machine.
pub(crate) fn with_licences(root: &Path) -> Result<Vec<Licensed>> {
    let host = host()?;
    read_licences(&metadata(root, &["--filter-platform", &host])?)
}

fn metadata(root: &Path, flags: &[&str]) -> Result<Value> {
    let output = cargo(root)
        .args(["metadata", "--format-version", "1"])
        .args(flags)
        .output()
        .context("cannot run cargo metadata")?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    serde_json::from_slice(&output.stdout).context("cannot read what cargo metadata printed")
}

fn host() -> Result<String> {
    let output = std::process::Command::new("rustc").arg("-vV").output().context("cannot run rustc")?;
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = words.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not name its host")?.to_owned())
}

fn packages(metadata: &Value) -> Result<&Vec<Value>> {
    metadata["packages"].as_array().context("cargo metadata has no packages")
}

fn text(value: &Value, key: &str) -> Result<String> {
    Ok(value[key].as_str().with_context(|| format!("cargo metadata: no {key}"))?.to_owned())
}

/// `within` is the folder of the workspace from the root of the project.
fn read_workspace(metadata: &Value, within: &str) -> Result<Vec<Package>> {
    let root = format!("{}/", text(metadata, "workspace_root")?);
    let mut found = Vec::new();
    for package in packages(metadata)? {
        let manifest = text(package, "manifest_path")?;
        let folder = manifest.strip_prefix(&root).unwrap_or(&manifest).trim_end_matches("Cargo.toml");
        let folder = format!("{within}/{folder}").trim_matches('/').to_owned();
        let mut imports = Vec::new();
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            if dependency["kind"].as_str() != Some("dev") {
                imports.push(text(dependency, "name")?);
            }
        }
        found.push(Package { name: text(package, "name")?, folder, imports });
    }
    Ok(found)
}

/// Only what the build graph reaches: metadata also lists crates that are locked for other machines.
fn read_licences(metadata: &Value) -> Result<Vec<Licensed>> {
    let nodes = metadata["resolve"]["nodes"].as_array().context("cargo metadata has no build graph")?;
    let reached: Vec<&str> = nodes.iter().filter_map(|node| node["id"].as_str()).collect();
    let mut found = Vec::new();
    for package in packages(metadata)? {
        if package["id"].as_str().is_some_and(|id| reached.contains(&id)) {
            let licence = package["license"].as_str().map(str::to_owned);
            found.push(Licensed { name: text(package, "name")?, licence });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn dependencies_of_tests_are_left_out() {
        let metadata = json!({ "workspace_root": "/p", "packages": [{
            "name": "a", "manifest_path": "/p/crates/a/Cargo.toml",
            "dependencies": [{ "name": "b", "kind": null }, { "name": "c", "kind": "dev" }, { "name": "d", "kind": "build" }],
        }] });
        let packages = read_workspace(&metadata, "").unwrap();
        assert_eq!(packages[0].folder, "crates/a");
        let alone = json!({ "workspace_root": "/p/python", "packages": [
            { "name": "a", "manifest_path": "/p/python/Cargo.toml", "dependencies": [] },
        ] });
        assert_eq!(read_workspace(&alone, "python").unwrap()[0].folder, "python");
        assert_eq!(packages[0].imports, ["b", "d"]);
    }

    #[test]
    fn only_crates_of_the_build_graph_are_audited() {
        let metadata = json!({
            "packages": [{ "name": "a", "id": "1", "license": "MIT" }, { "name": "b", "id": "2", "license": null }],
            "resolve": { "nodes": [{ "id": "1" }] },
        });
        let licensed = read_licences(&metadata).unwrap();
        assert_eq!(licensed.len(), 1);
        assert_eq!(licensed[0].licence.as_deref(), Some("MIT"));
    }
}
