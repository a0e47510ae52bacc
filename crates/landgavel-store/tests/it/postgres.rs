//! What only PostgreSQL can show: triggers, several nodes, servers that are set up badly or go away.

use std::process::Command;

use landgavel_store::conformance::Place as _;
use landgavel_store::{AppendError, Batch, Fault, Fence, Head, Marking, Reader, SaleId, Store, VaultError};
use tokio::time::{Duration, timeout};

use crate::cluster::{Cluster, Stop};
use crate::places::{PostgresPlace, execute};

fn sale() -> SaleId {
    SaleId::parse("s").unwrap()
}

async fn begun(store: &Store) -> Fence {
    store.create(&sale(), vec![("lot.toml".to_owned(), b"lot".to_vec())]).await.unwrap();
    store.take(&sale(), "a", 0, 60_000).await.unwrap().unwrap()
}

fn one(entry: &[u8]) -> Batch {
    Batch::of(vec![entry.to_vec()])
}

/// The owner of the tables, at the server's own prompt.
#[tokio::test]
async fn triggers_deny_every_change_of_the_journal() {
    let Some(place) = PostgresPlace::new().await else { return };
    let store = place.open().await;
    let fence = begun(&store).await;
    store.append(&fence, Head::EMPTY, Batch::of(vec![b"a".to_vec(), b"b".to_vec()])).await.unwrap();
    store.publish(&fence, 2, "note").await.unwrap();
    store.vault_put("bidder", "7", Marking::Identity, b"Zhang San").await.unwrap();
    store.read_identity("bidder", "7", Reader { who: "officer", why: "test", now_ms: 0 }).await.unwrap();
    let statements = [
        "UPDATE landgavel.journal_sale SET sale_id = 'x'",
        "DELETE FROM landgavel.journal_sale",
        "TRUNCATE landgavel.journal_sale CASCADE",
        "UPDATE landgavel.journal_file SET bytes = ''",
        "DELETE FROM landgavel.journal_file",
        "TRUNCATE landgavel.journal_file",
        "UPDATE landgavel.journal_entry SET bytes = ''",
        "DELETE FROM landgavel.journal_entry",
        "DELETE FROM landgavel.journal_entry WHERE number = 1",
        "TRUNCATE landgavel.journal_entry",
        "INSERT INTO landgavel.journal_entry VALUES (1, 1, '') ON CONFLICT (sale_no, number) DO UPDATE SET bytes = ''",
        "INSERT INTO landgavel.journal_entry VALUES (1, 1, '')",
        "INSERT INTO landgavel.journal_entry VALUES (1, 2, convert_to(repeat('x', 65536), 'UTF8'))",
        "SET session_replication_role = replica; DELETE FROM landgavel.journal_entry",
        "MERGE INTO landgavel.journal_entry AS e USING (VALUES (1)) AS v (n) ON e.number = v.n WHEN MATCHED THEN DELETE",
        "UPDATE landgavel.journal_checkpoint SET note = 'x'",
        "DELETE FROM landgavel.journal_checkpoint",
        "TRUNCATE landgavel.journal_checkpoint",
        "INSERT INTO landgavel.journal_checkpoint VALUES (1, 1, 'x')",
        "UPDATE landgavel.head SET size = 1",
        "UPDATE landgavel.head SET fence = 0",
        "UPDATE landgavel.head SET chain = decode(repeat('00', 32), 'hex')",
        "SET session_replication_role = replica; UPDATE landgavel.head SET size = 1",
        "DELETE FROM landgavel.head",
        "TRUNCATE landgavel.head",
        "UPDATE landgavel.vault_reading SET who = 'x'",
        "DELETE FROM landgavel.vault_reading",
        "TRUNCATE landgavel.vault_reading",
    ];
    for statement in statements {
        let refused = execute(&place.url(), statement).await;
        let told = refused.as_ref().err().and_then(|error| error.as_db_error()).map(|error| error.message().to_owned());
        let told = told.unwrap_or_else(|| panic!("{statement}: {refused:?}"));
        let expected = ["never changed", "rise", "constraint"].iter().any(|words| told.contains(words));
        assert!(expected, "{statement}: {told}");
    }
    assert_eq!(store.check().await.unwrap().findings, Vec::<String>::new());
    assert_eq!(store.read(&sale(), 0, 10, 10).await.unwrap(), [b"a", b"b"]);
}

#[tokio::test]
async fn nodes_follow_each_other_and_share_leases() {
    let Some(place) = PostgresPlace::new().await else { return };
    let (here, there) = (place.open().await, place.open().await);
    let fence = begun(&here).await;
    assert_eq!(there.take(&sale(), "b", 0, 60_000).await.unwrap(), None);
    let mut heads = there.watch(&sale()).await.unwrap();
    let mut head = Head::EMPTY;
    for number in 0..5u8 {
        head = here.append(&fence, head, one(&[number])).await.unwrap();
        timeout(Duration::from_secs(10), heads.wait_for(|known| known.size == head.size)).await.unwrap().unwrap();
    }
    // The other node takes over; what the first one still has in its hands is refused.
    here.release(&fence).await.unwrap();
    let taken = there.take(&sale(), "b", 0, 60_000).await.unwrap().unwrap();
    let refused = here.append(&fence, head, one(b"late")).await;
    assert_eq!(refused, Err(AppendError::Fenced { by: taken.number() }));
    let head = there.append(&taken, head, one(b"new")).await.unwrap();
    assert_eq!(here.head(&sale()).await.unwrap(), head);
}

#[tokio::test]
async fn two_nodes_that_append_at_once_never_both_win() {
    let Some(place) = PostgresPlace::new().await else { return };
    let stores = [place.open().await, place.open().await];
    let fence = begun(&stores[0]).await;
    let mut head = Head::EMPTY;
    for round in 0..50u8 {
        let (left, right) = tokio::join!(
            stores[0].append(&fence, head, one(&[round, 0])),
            stores[1].append(&fence, head, one(&[round, 1]))
        );
        assert!(left.is_ok() != right.is_ok(), "{left:?} {right:?}");
        head = left.or(right).unwrap();
    }
    assert_eq!(stores[0].check().await.unwrap().census.sales, [(sale(), head)]);
}

#[tokio::test]
async fn nodes_that_open_an_empty_database_at_once_make_one_store() {
    let Some(place) = PostgresPlace::new().await else { return };
    let (one, two, three) = tokio::join!(place.open(), place.open(), place.open());
    begun(&one).await;
    assert_eq!(two.sales().await.unwrap(), three.sales().await.unwrap());
}

#[tokio::test]
async fn a_database_of_something_else_or_newer_is_refused() {
    let Some(place) = PostgresPlace::new().await else { return };
    execute(&place.url(), "CREATE SCHEMA landgavel").await.unwrap();
    assert!(matches!(Store::open(&place.url()).await, Err(Fault::Foreign { .. })));
    execute(&place.url(), "DROP SCHEMA landgavel").await.unwrap();
    drop(place.open().await);
    execute(&place.url(), "DROP TABLE landgavel.shelf").await.unwrap();
    let store = place.open().await;
    assert_eq!(store.shelf_get(b"k").await.unwrap(), None);
    execute(&place.url(), "UPDATE landgavel.store SET version = 99").await.unwrap();
    assert_eq!(Store::open(&place.url()).await.unwrap_err(), Fault::Newer { found: 99, known: 1 });
}

#[tokio::test]
async fn a_server_that_could_lose_what_it_acknowledged_is_refused() {
    for (settings, named) in [("-c fsync=off", "fsync"), ("-c full_page_writes=off", "full_page_writes")] {
        let Some(cluster) = Cluster::start(settings) else { return };
        let refused = Store::open(&cluster.url()).await;
        assert!(matches!(&refused, Err(Fault::Unsafe { what }) if what.contains(named)), "{refused:?}");
    }
    // What a connection can set for itself is set.
    let Some(cluster) = Cluster::start("-c synchronous_commit=off") else { return };
    let store = Store::open(&cluster.url()).await.unwrap();
    begun(&store).await;
}

#[tokio::test]
async fn while_the_server_is_gone_every_call_ends_and_afterwards_all_goes_on() {
    let Some(cluster) = Cluster::start("") else { return };
    let store = Store::open(&cluster.url()).await.unwrap();
    let fence = begun(&store).await;
    let mut heads = store.watch(&sale()).await.unwrap();
    let head = store.append(&fence, Head::EMPTY, one(b"a")).await.unwrap();
    let named = sale();
    for how in [Stop::Fast, Stop::Immediate] {
        cluster.stop(how);
        let (written, read, put) = tokio::join!(
            timeout(Duration::from_secs(60), store.append(&fence, head, one(b"b"))),
            timeout(Duration::from_secs(60), store.head(&named)),
            timeout(Duration::from_secs(60), store.vault_put("k", "a", Marking::Plain, b"x")),
        );
        let gone = |fault: &Fault| matches!(fault, Fault::Unreachable { .. } | Fault::Unknown { .. });
        assert!(matches!(written.unwrap(), Err(AppendError::Fault(fault)) if gone(&fault)));
        assert!(matches!(read.unwrap(), Err(Fault::Unreachable { .. })));
        assert!(matches!(put.unwrap(), Err(VaultError::Fault(fault)) if gone(&fault)));
        cluster.go_on();
        assert_eq!(store.head(&sale()).await.unwrap(), head);
    }
    // Followers have found their way back too, of another node's appends.
    let other = Store::open(&cluster.url()).await.unwrap();
    let head = other.append(&fence, head, one(b"b")).await.unwrap();
    timeout(Duration::from_secs(20), heads.wait_for(|known| known.size == head.size)).await.unwrap().unwrap();
}

/// The server's own words for a full disk, raised by a trigger where it would raise them.
#[tokio::test]
async fn a_full_disk_of_the_server_refuses_what_is_new() {
    let Some(place) = PostgresPlace::new().await else { return };
    let store = place.open().await;
    let fence = begun(&store).await;
    let head = store.append(&fence, Head::EMPTY, one(b"a")).await.unwrap();
    let words = "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                 RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$; \
                 CREATE TRIGGER full_disk BEFORE INSERT ON landgavel.journal_entry \
                 FOR EACH ROW EXECUTE FUNCTION full_disk()";
    execute(&place.url(), words).await.unwrap();
    assert_eq!(store.append(&fence, head, one(b"b")).await, Err(AppendError::Full));
    assert_eq!(store.head(&sale()).await.unwrap(), head);
    execute(&place.url(), "DROP TRIGGER full_disk ON landgavel.journal_entry").await.unwrap();
    store.append(&fence, head, one(b"b")).await.unwrap();
}

#[tokio::test]
async fn a_statement_that_waits_too_long_is_ended_and_nothing_was_done() {
    let Some(place) = PostgresPlace::new().await else { return };
    let store = place.open().await;
    let fence = begun(&store).await;
    let (client, connection) = tokio_postgres::connect(&place.url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("BEGIN; SELECT * FROM landgavel.head FOR UPDATE").await.unwrap();
    let refused = timeout(Duration::from_secs(60), store.append(&fence, Head::EMPTY, one(b"a"))).await.unwrap();
    assert!(matches!(refused, Err(AppendError::Fault(Fault::Database { .. }))), "{refused:?}");
    client.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(store.head(&sale()).await.unwrap(), Head::EMPTY);
    store.append(&fence, Head::EMPTY, one(b"a")).await.unwrap();
}

#[tokio::test]
async fn the_way_to_a_server_is_encrypted_and_its_certificate_verified() {
    let Some(cluster) = Cluster::start("") else { return };
    let folder = cluster.folder();
    for name in ["server", "other"] {
        let (key, certificate) = (folder.path(&format!("{name}.key")), folder.path(&format!("{name}.crt")));
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=localhost"])
            .args(["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"])
            .arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(&certificate)
            .output();
        match made {
            Ok(made) if made.status.success() => {}
            _ => return eprintln!("LEFT OUT: openssl can't make a certificate"),
        }
        // The server wants a key that nobody else reads, and it may run as another user than the test.
        let data = folder.path("data");
        Command::new("chown").arg("--reference").arg(&data).arg(&key).arg(&certificate).status().unwrap();
        Command::new("chmod").arg("600").arg(&key).status().unwrap();
    }
    cluster.stop(Stop::Fast);
    let (key, certificate) = (folder.path("server.key"), folder.path("server.crt"));
    let port = free_port();
    cluster.go_on_with(&format!(
        "-c listen_addresses=localhost -c port={port} -c ssl=on -c ssl_key_file={} -c ssl_cert_file={}",
        key.display(),
        certificate.display()
    ));
    let url = |host: &str, rest: &str| format!("postgres://postgres@{host}:{port}/postgres?{rest}");
    let roots = format!("sslmode=verify-full&sslrootcert={}", certificate.display());
    let store = Store::open(&url("localhost", &roots)).await.unwrap();
    begun(&store).await;
    let words = "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                 WHERE ssl AND application_name = 'landgavel') OR EXISTS (SELECT FROM pg_stat_ssl \
                 JOIN pg_stat_activity USING (pid) WHERE NOT ssl AND application_name = 'landgavel') \
                 THEN RAISE 'not encrypted'; END IF; END $$";
    execute(&url("localhost", "sslmode=disable"), words).await.unwrap();
    // Another name than the certificate's, and a certificate of somebody else.
    let other = format!("sslmode=verify-full&sslrootcert={}", folder.path("other.crt").display());
    for wrong in [url("127.0.0.1", &roots), url("localhost", &other)] {
        let refused = Store::open(&wrong).await;
        assert!(matches!(&refused, Err(Fault::Unreachable { why }) if why.contains("certificate")), "{refused:?}");
    }
}

/// A port that nobody listens on, as far as can be told.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
