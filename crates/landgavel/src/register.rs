//! The register of a hall, and the hall's sales beside it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use landgavel_base::Digest;
use landgavel_log::checkpoint::Checkpoint;
use landgavel_log::policy::Policy;
use landgavel_log::tile::{TileKind, TilePath, TileSet, WIDTH, decode_bundle, tile_at};
use landgavel_log::tree::{leaf_hash, prove_inclusion, verify_inclusion};
use landgavel_record::bundle::{BundleFiles, ENTRIES_MAX, NOTE_MAX, POLICY_MAX, ReadError, TILE_MAX};
use landgavel_record::register::{Agrees, Believed, Registered, Unfit, agrees, is_held, read_register};
use landgavel_record::verify::{Report, believe};
use serde_json::{Value, json};

use crate::bundle::{Directory, NotOpened, read_policy};
use crate::client::{Address, Client, FetchError, Network};
use crate::exit::Exit;
use crate::show::{Tongue, bad, good, shown};

/// Check the register of a hall, and that the hall serves every sale in it as it stands there.
///
/// Witnesses see to it that the register only grows and is one for all readers. A sale that stands in it and is not
/// served, or is served with another notice or ending, is named; so is one that could not be asked for. Of its entries the
/// first and the last are looked at: `landgavel verify --register` looks at all.
#[derive(clap::Args)]
pub struct Arguments {
    /// Address of the hall, or a directory with the files of its register, whose sales are then not asked for.
    #[arg(value_name = "HALL")]
    register: String,
    /// Policy with the keys of the log and the witnesses that you trust, beside the register's own.
    #[arg(long, value_name = "FILE")]
    policy: Option<std::path::PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    network: Network,
}

/// Where a hall serves its register, below its address.
const BELOW: &str = "register/log";
/// A sale that could not be asked for: nothing is known of it.
const NOT_ASKED: &str = "not_asked";
/// Sales that could not be asked for, before the others are not asked for either: each may take all the reader's patience.
const FAULTS_MAX: usize = 8;

/// Files at an address, fetched as they are asked for.
struct At {
    client: Client,
    base: Address,
    /// The first thing that the world did not give.
    fault: RefCell<Option<String>>,
}

impl At {
    fn get(&self, path: &str, most: usize) -> Result<Vec<u8>, FetchError> {
        let fetched = self.client.get(&self.base.file(path), most, &mut |_, _| {});
        if let Err(FetchError::World(why)) = &fetched {
            self.fault.borrow_mut().get_or_insert_with(|| format!("{}: {why}", self.base.named(path)));
        }
        fetched
    }
}

/// The files below a place at an address.
struct Below<'a>(&'a At, String);

impl BundleFiles for Below<'_> {
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, ReadError> {
        Ok(self.0.get(&format!("{}{path}", self.1), most)?)
    }

    fn paths(&self) -> Result<Vec<String>, String> {
        Ok(Vec::new())
    }
}

/// A register wherever it is.
pub struct Register {
    /// What it says, or what is wrong with it.
    pub read: Result<Believed, Unfit>,
    /// The hall that serves it; nothing for a directory.
    hall: Option<At>,
}

impl Register {
    /// Reads a register by its own policy and the reader's.
    ///
    /// # Errors
    ///
    /// What is not there, or what failed in the world.
    pub fn open(source: &str, trusted: Option<&str>, network: &Network) -> Result<Self, NotOpened> {
        let unreadable = |why| NotOpened { exit: Exit::WrongUse, why };
        if !Address::is_meant(source) {
            let root = Path::new(source).to_owned();
            if !root.join("register.json").is_file() {
                return Err(unreadable(format!("{source}: is no directory with the files of a register")));
            }
            return Ok(Self { read: read_register(&Directory { root }, trusted), hall: None });
        }
        let address = Address::parse(source).map_err(|why| unreadable(format!("{source} {why}")))?;
        let client = Client::new(network, &address, 1).map_err(unreadable)?;
        let hall = At { client, base: address, fault: RefCell::default() };
        let read = read_register(&Below(&hall, format!("{BELOW}/")), trusted);
        if let Some(why) = hall.fault.take() {
            return Err(NotOpened { exit: Exit::WorldFailed, why });
        }
        match read {
            Err(unfit) if unfit.file == "register.json" && unfit.code == "missing" => {
                Err(unreadable(format!("{source}: there is no register at {BELOW} below this address")))
            }
            read => Ok(Self { read, hall: Some(hall) }),
        }
    }

    /// How a sale whose bundle was verified agrees with it.
    ///
    /// # Errors
    ///
    /// What does not.
    pub fn agrees(&self, report: &Report, files: &dyn BundleFiles) -> Result<Agrees, Unfit> {
        self.read.as_ref().map_err(Unfit::clone).and_then(|believed| agrees(believed, report, files))
    }
}

/// How a hall serves a sale that stands in its register.
struct Served<'a> {
    sale: &'a Registered,
    /// What is wrong: a code and words.
    wrong: Option<(&'static str, String)>,
}

pub fn register(arguments: &Arguments, tongue: Tongue) -> Result<Exit> {
    let policy = match arguments.policy.as_deref().map(read_policy).transpose() {
        Ok(policy) => policy,
        Err(error) => {
            eprintln!("--policy: cannot be read: {error}");
            return Ok(Exit::WrongUse);
        }
    };
    let register = match Register::open(&arguments.register, policy.as_deref(), &arguments.network) {
        Ok(register) => register,
        Err(NotOpened { exit, why }) => {
            eprintln!("{why}");
            return Ok(exit);
        }
    };
    let believed = match &register.read {
        Ok(believed) => believed,
        Err(unfit) => {
            match arguments.json {
                true => println!("{:#}", json!({"holds": false, "wrong": wrong_json(unfit)})),
                false => println!(
                    "{}\n  {}",
                    bad(&tongue.say("登记簿不成立", "the register does not hold")),
                    shown(&unfit.to_string())
                ),
            }
            return Ok(Exit::No);
        }
    };
    let mut served: Vec<Served<'_>> = Vec::new();
    let mut faults = 0;
    for sale in believed.register.sales() {
        let wrong = match &register.hall {
            Some(_) if faults == FAULTS_MAX => Err((NOT_ASKED, "too many others could not be asked for".to_owned())),
            Some(hall) => served_by(hall, believed.register.host(), sale),
            None => Ok(()),
        };
        // One sale that a hall is just opening, or will not tell of, keeps nobody from hearing of the others.
        let fault = register.hall.as_ref().and_then(|hall| hall.fault.take());
        faults += usize::from(fault.is_some());
        let wrong = fault.map_or(wrong, |why| Err((NOT_ASKED, why)));
        served.push(Served { sale, wrong: wrong.err() });
    }
    match arguments.json {
        true => println!("{:#}", as_json(believed, &served, register.hall.is_some())),
        false => print!("{}", in_words(believed, &served, register.hall.is_some(), tongue)),
    }
    let is_known_wrong = |served: &Served<'_>| served.wrong.as_ref().is_some_and(|(code, _)| *code != NOT_ASKED);
    Ok(match served.iter().find(|served| served.wrong.is_some()) {
        None => Exit::Good,
        Some(_) if served.iter().any(is_known_wrong) => Exit::No,
        Some(_) => Exit::WorldFailed,
    })
}

/// Asks a hall for the log of a sale: its tree must begin with the registered notice and hold every registered ending.
fn served_by(hall: &At, host: &str, sale: &Registered) -> Result<(), (&'static str, String)> {
    let place = format!("sales/{}/log/", sale.sale);
    let read = |path: &str, most: usize| hall.get(&format!("{place}{path}"), most);
    let text = |path: &str, most: usize| match read(path, most) {
        Ok(bytes) => String::from_utf8(bytes).map_err(|_| ("unreadable", format!("its {path} is not UTF-8"))),
        Err(FetchError::Missing) => Err(("not_served", format!("the hall serves no {path} of it"))),
        Err(FetchError::TooLarge { most }) => Err(("unreadable", format!("its {path} is larger than {most} bytes"))),
        Err(FetchError::World(why)) => Err((NOT_ASKED, why)),
    };
    let policy = text("policy.txt", POLICY_MAX)?;
    let policy = Policy::parse(&policy).map_err(|error| ("unreadable", format!("its policy: {error}")))?;
    let note = text("checkpoint", NOTE_MAX)?;
    let (Checkpoint { origin, size, root, .. }, _) =
        believe(&policy, &note).map_err(|why| ("not_believed", format!("its checkpoint {why}")))?;
    if origin != format!("{host}/sales/{}", sale.sale) {
        return Err(("other_log", format!("its checkpoint is of the log {origin}")));
    }
    let known = RefCell::new(BTreeMap::new());
    let tile = |path: &TilePath| {
        let mut known = known.borrow_mut();
        known.entry(*path).or_insert_with(|| read(&path.to_string(), TILE_MAX).ok()).clone()
    };
    is_held(sale, size, Digest(root.0), tile)
        .map_err(|not| (not.code, format!("entry {} of the register {}", not.entry, not.message)))?;
    // Hashes alone tell nobody what happened: its entries must be there to be read.
    let reader = TileSet::new(size, tile);
    for index in [0, (size - 1) / u64::from(WIDTH)] {
        let Some(path) = tile_at(TileKind::Entries, index, size) else { continue };
        let not_there = |why: &str| ("entries_not_served", format!("its {path} {why}"));
        let bytes = read(&path.to_string(), ENTRIES_MAX).map_err(|_| not_there("is not served"))?;
        let entries = decode_bundle(&bytes, path.width).map_err(|_| not_there("has no entries"))?;
        for (number, entry) in (index * u64::from(WIDTH)..).zip(entries) {
            let proof = prove_inclusion(&reader, number, size).map_err(|_| not_there("has no hashes"))?;
            verify_inclusion(leaf_hash(entry), number, size, &proof, root)
                .map_err(|_| not_there("has other entries than its tree"))?;
        }
    }
    Ok(())
}

/// What is wrong, for programs.
pub fn wrong_json(unfit: &Unfit) -> Value {
    json!({"file": unfit.file, "entry": unfit.entry, "code": unfit.code, "message": unfit.message})
}

fn as_json(believed: &Believed, served: &[Served<'_>], is_asked: bool) -> Value {
    let mut told = believed.register.json();
    told["holds"] = json!(served.iter().all(|served| served.wrong.is_none()));
    told["root"] = json!(believed.root.to_string());
    told["witnessed_s"] = json!(believed.witnessed_s);
    told["asked"] = json!(is_asked);
    for (sale, served) in told["sales"].as_array_mut().into_iter().flatten().zip(served) {
        sale["wrong"] = json!(served.wrong.as_ref().map(|(code, message)| json!({"code": code, "message": message})));
    }
    told
}

fn in_words(believed: &Believed, served: &[Served<'_>], is_asked: bool, tongue: Tongue) -> String {
    let register = &believed.register;
    let (zh, en) = (
        format!("{} 的出让登记簿成立：{} 条，{} 宗出让", register.host(), register.size(), served.len()),
        format!("the register of {} holds: {} entries, {} sales", register.host(), register.size(), served.len()),
    );
    let mut text = format!("{}\n  {}\n", good(&tongue.say(&zh, &en)), believed.root);
    for Served { sale, wrong } in served {
        let ending = sale.outcome.map_or_else(|| tongue.word("进行中", "not ended"), |outcome| ending(outcome, tongue));
        let mark = match wrong {
            None if is_asked => good("✓"),
            None => "·".to_owned(),
            Some(_) => bad("✗"),
        };
        text += &format!("  {mark} {}  {ending}\n", shown(&sale.sale));
        if let Some((code, why)) = wrong {
            text += &format!("      {} [{code}]\n", shown(why));
        }
    }
    if !is_asked {
        text += &format!("{}\n", tongue.say("未向大厅询问各宗出让", "the hall was not asked for its sales"));
    }
    text
}

fn ending(outcome: landgavel_record::register::RegisteredOutcome, tongue: Tongue) -> String {
    use landgavel_record::register::Ending;
    match outcome.ending {
        Ending::Awarded => tongue.word("成交", "sold"),
        Ending::PassedIn => tongue.word("流拍", "passed in"),
        Ending::Annulled => tongue.word("撤销", "annulled"),
    }
}

/// How a sale stands beside the register, for people.
pub fn agreement(agrees: &Result<Agrees, Unfit>, tongue: Tongue) -> String {
    match agrees {
        Ok(Agrees::UnderWay) => good(&tongue.say("公告已登入登记簿", "its notice stands in the register")),
        Ok(Agrees::Ended(_)) => {
            good(&tongue.say("公告与结果均与登记簿一致", "notice and ending are those of the register"))
        }
        Err(unfit) => {
            let title = bad(&tongue.say("与登记簿不符", "it does not agree with the register"));
            format!("{title}\n  {}", shown(&unfit.to_string()))
        }
    }
}
