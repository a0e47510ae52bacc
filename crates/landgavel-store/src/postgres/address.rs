//! The address of a PostgreSQL database, and whether the way there is encrypted.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::fault::Fault;

/// How long one attempt to connect may take.
const CONNECT: Duration = Duration::from_secs(3);

/// After so long without an acknowledgement by the other machine a connection is dead: below the time that
/// a caller waits for its answer.
const SILENCE: Duration = Duration::from_secs(10);

/// Where the database is, and with which certificates it proves itself.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) config: Config,
    pub(super) tls: Option<MakeRustlsConnect>,
}

impl Address {
    /// Reads `postgres://…`. Beside the driver's own parameters there are `sslmode` and `sslrootcert`.
    ///
    /// With `sslmode=require`, `verify-ca` or `verify-full` the server's certificate and name are always
    /// verified, against the certificates in the file `sslrootcert`. A way through a network must say
    /// `sslmode`, so that nobody sends identities in the clear by leaving something out.
    pub(super) fn parse(url: &str) -> Result<Address, Fault> {
        let fault = |why: String| Fault::Address { why };
        let (bare, mode, roots) = take_out(url).map_err(fault)?;
        // The driver's words don't repeat the address, which may hold a password.
        let mut config: Config = bare.parse().map_err(|error: tokio_postgres::Error| fault(told(&error)))?;
        config.connect_timeout(CONNECT).tcp_user_timeout(SILENCE).keepalives_idle(SILENCE);
        if config.get_application_name().is_none() {
            config.application_name("landgavel");
        }
        if config.get_dbname().is_none() {
            return Err(fault("it names no database".to_owned()));
        }
        let is_near = config.get_hosts().iter().all(is_near);
        let tls = match (mode.as_deref(), roots) {
            (None, None) if !is_near => {
                let why = "the database is on another machine: say sslmode=verify-full with sslrootcert=FILE, \
                           or sslmode=disable";
                return Err(fault(why.to_owned()));
            }
            (None | Some("disable"), None) => None,
            (Some("require" | "verify-ca" | "verify-full"), Some(roots)) => Some(verifier(&roots).map_err(fault)?),
            (Some("require" | "verify-ca" | "verify-full"), None) => {
                return Err(fault("sslmode needs sslrootcert=FILE, the certificates to verify with".to_owned()));
            }
            (None | Some("disable"), Some(_)) => {
                return Err(fault("sslrootcert is of use with sslmode=verify-full only".to_owned()));
            }
            (Some(other), _) => {
                return Err(fault(format!("sslmode={other}: there are disable and verify-full")));
            }
        };
        config.ssl_mode(if tls.is_some() { SslMode::Require } else { SslMode::Disable });
        Ok(Address { config, tls })
    }
}

/// Takes the two parameters out of an address that the driver does not know.
fn take_out(url: &str) -> Result<(String, Option<String>, Option<String>), String> {
    let Some((base, query)) = url.split_once('?') else { return Ok((url.to_owned(), None, None)) };
    let (mut rest, mut mode, mut roots) = (Vec::new(), None, None);
    for parameter in query.split('&') {
        let slot = match parameter.split_once('=') {
            Some(("sslmode", value)) => (&mut mode, value),
            Some(("sslrootcert", value)) => (&mut roots, value),
            _ => {
                rest.push(parameter);
                continue;
            }
        };
        let (slot, value) = slot;
        if value.contains('%') {
            return Err("sslmode and sslrootcert are written without %".to_owned());
        }
        if slot.replace(value.to_owned()).is_some() {
            return Err("sslmode or sslrootcert comes twice".to_owned());
        }
    }
    let query = if rest.is_empty() { String::new() } else { format!("?{}", rest.join("&")) };
    Ok((format!("{base}{query}"), mode, roots))
}

/// On this machine.
fn is_near(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback()),
    }
}

fn verifier(path: &str) -> Result<MakeRustlsConnect, String> {
    let told = |error: &dyn std::fmt::Display| format!("sslrootcert {path}: {error}");
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| told(&error))? {
        let certificate = certificate.map_err(|error| told(&error))?;
        roots.add(certificate).map_err(|error| told(&error))?;
    }
    if roots.is_empty() {
        return Err(format!("sslrootcert {path}: there is no certificate in it"));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| told(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// An error of the driver with its causes: its own words often say only what it was doing.
pub(super) fn told(error: &tokio_postgres::Error) -> String {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(url: &str) -> String {
        match Address::parse(url) {
            Err(Fault::Address { why }) => why,
            Err(other) => panic!("{other}"),
            Ok(address) => format!("fine, encrypted: {}", address.tls.is_some()),
        }
    }

    #[test]
    fn a_way_through_a_network_says_whether_it_is_encrypted() {
        for near in ["postgres://a@localhost/d", "postgresql://127.0.0.1:5433/d", "postgres:///d?host=/run/postgresql"]
        {
            assert_eq!(why(near), "fine, encrypted: false", "{near}");
        }
        assert!(why("postgres://a@db.example/d").contains("another machine"));
        assert_eq!(why("postgres://a@db.example/d?sslmode=disable"), "fine, encrypted: false");
        assert!(why("postgres://a@db.example/d?sslmode=require").contains("sslrootcert"));
        assert!(why("postgres://a@db.example/d?sslmode=prefer").contains("prefer"));
        assert!(why("postgres://a@db.example/d?sslrootcert=x.pem").contains("verify-full"));
        assert!(why("postgres://a@db.example/d?sslmode=verify-full&sslrootcert=gone.pem").contains("gone.pem"));
        assert!(why("postgres://a@db.example/d?sslmode=disable&sslmode=require").contains("twice"));
    }

    #[test]
    fn a_fault_of_an_address_does_not_tell_its_password() {
        for url in ["postgres://a:geheim@h:port/d", "postgres://a:geheim@localhost", "postgres://a:geheim@h/d?x=y"] {
            assert!(!why(url).contains("geheim"), "{}", why(url));
        }
    }
}
