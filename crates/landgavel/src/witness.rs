use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use landgavel_log::note::{KeyKind, SigningKey, VerifierKey};
use landgavel_server::clock::MachineClock;
use landgavel_server::http::Limits;
use landgavel_server::key_file::{self, KeyFileError};
use landgavel_server::witness::{Cosigner, Store, StoreError, run};
use serde_json::json;

use crate::exit::Exit;
use crate::receipt::read_policy;

/// Run a witness: it cosigns checkpoints of logs that only grow (C2SP tlog-witness).
///
/// Others name it in their policies by the verifier key that it prints. Its state must never be put back to an
/// older copy: then make a new key.
#[derive(clap::Args)]
pub struct Arguments {
    /// File of the witness's secret key, readable by its owner alone.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Make the key under this name, which is best an address without its scheme; print its public half and end.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["log", "policy", "state", "listen"])]
    init: Option<String>,
    /// Verifier key of a log to witness; repeatable.
    #[arg(long, value_name = "VKEY", value_parser = VerifierKey::parse)]
    log: Vec<VerifierKey>,
    /// Witness the logs of this policy.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Directory of what was cosigned last; one process at a time works on it.
    #[arg(long, value_name = "DIR", required_unless_present = "init")]
    state: Option<PathBuf>,
    /// Address to listen on; port 0 lets the machine pick one.
    #[arg(long, value_name = "ADDR", required_unless_present = "init")]
    listen: Option<SocketAddr>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub fn witness(arguments: &Arguments) -> Result<Exit> {
    let key = match &arguments.init {
        Some(name) => key_file::make(&arguments.key, name, KeyKind::Cosignature),
        None => key_file::read(&arguments.key, KeyKind::Cosignature),
    };
    let key = match key {
        Ok(key) => key,
        Err(error) => {
            eprintln!("{}: {error}", arguments.key.display());
            return Ok(match (error, &arguments.init) {
                (KeyFileError::Io(_), Some(_)) => Exit::WorldFailed,
                _ => Exit::WrongUse,
            });
        }
    };
    let (None, Some(state), Some(listen)) = (&arguments.init, &arguments.state, arguments.listen) else {
        print_key(arguments, &key, None);
        return Ok(Exit::Good);
    };
    let mut logs = arguments.log.clone();
    match arguments.policy.as_ref().map(|path| read_policy(path)) {
        None => {}
        Some(Ok(policy)) => logs.extend_from_slice(policy.logs()),
        Some(Err(why)) => {
            eprintln!("{why}");
            return Ok(Exit::WrongUse);
        }
    }
    if logs.is_empty() || logs.iter().any(|log| log.kind() != KeyKind::Ed25519) {
        eprintln!("expected the verifier key of a log, by --log or in --policy");
        return Ok(Exit::WrongUse);
    }
    let cosigner =
        Store::open(state).and_then(|store| Cosigner::open(key.clone(), logs, store, Arc::new(MachineClock)));
    let cosigner = match cosigner {
        Ok(cosigner) => cosigner,
        Err(error) => {
            eprintln!("{}: {error}", state.display());
            return Ok(match error {
                StoreError::InUse | StoreError::Damaged { .. } => Exit::WrongUse,
                StoreError::Io(..) => Exit::WorldFailed,
            });
        }
    };
    let announce = |address| print_key(arguments, &key, Some(address));
    run(cosigner, listen, Limits::default(), announce).with_context(|| format!("cannot serve at {listen}"))?;
    eprintln!("Ended as asked.");
    Ok(Exit::Good)
}

/// Prints the public key, and where the witness listens.
fn print_key(arguments: &Arguments, key: &SigningKey, address: Option<SocketAddr>) {
    let key = key.verifier();
    if arguments.json {
        println!("{}", json!({"listen": address.map(|address| address.to_string()), "vkey": key.to_string()}));
        return;
    }
    println!("{key}");
    if let Some(address) = address {
        eprintln!("Witness {} listens at http://{address}. Line for a policy:", key.name());
        eprintln!("witness NAME {key} http://{address}");
    }
}
