use std::fs::{self, File};
use std::io::{BufReader, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use landgavel_record::archive::{Archive, read_at_most};
use landgavel_record::bundle::{BundleFiles, FILES_MAX, POLICY_MAX, ReadError};
use landgavel_record::rehearsal::Sink;
use zip::write::SimpleFileOptions;

use crate::client::{Address, Client, FetchError, Network};
use crate::exit::Exit;
use crate::remote::{self, CONNECTIONS, Remote};
use crate::show::Bar;

/// A bundle that is being written: it appears under its name only when it is whole.
pub struct BundleWriter {
    target: PathBuf,
    partial: PathBuf,
    fault: Option<anyhow::Error>,
}

impl BundleWriter {
    /// Begins a bundle beside its final place. What is there already is replaced only by a bundle of the same kind:
    /// `format` is what its `bundle.json` holds.
    pub fn begin(target: &Path, format: &str) -> Result<Self> {
        let shown = target.display();
        match fs::read(target.join("bundle.json")) {
            Ok(found) if found == format.as_bytes() => {}
            Ok(_) => bail!("{shown} holds a bundle of another kind: name another directory with --out"),
            Err(_) if !target.exists() => {}
            Err(_) => {
                let mut files =
                    fs::read_dir(target).with_context(|| format!("{shown} cannot be a bundle's directory"))?;
                if files.next().is_some() {
                    bail!("{shown} exists and is not a bundle: name another directory with --out");
                }
            }
        }
        let mut name = target.file_name().context("--out names no directory")?.to_owned();
        name.push(".partial");
        let partial = target.with_file_name(name);
        if partial.exists() {
            fs::remove_dir_all(&partial).with_context(|| format!("cannot clear {}", partial.display()))?;
        }
        fs::create_dir_all(&partial).with_context(|| format!("cannot make {}", partial.display()))?;
        Ok(Self { target: target.to_owned(), partial, fault: None })
    }

    /// Whether writing has failed.
    pub fn has_failed(&self) -> bool {
        self.fault.is_some()
    }

    /// Makes the bundle whole and gives it its name.
    pub fn finish(mut self) -> Result<()> {
        if let Some(fault) = self.fault.take() {
            self.abandon();
            return Err(fault).context("cannot write the bundle");
        }
        if self.target.exists() {
            fs::remove_dir_all(&self.target)?;
        }
        fs::rename(&self.partial, &self.target).with_context(|| format!("cannot name {}", self.target.display()))
    }

    /// Takes away what was written.
    pub fn abandon(self) {
        // Nothing more can be done if even this fails; the name says that it is partial.
        let _ = fs::remove_dir_all(&self.partial);
    }

    fn write(&mut self, path: &str, bytes: &[u8], append: bool) {
        let path = self.partial.join(path);
        let write = || -> std::io::Result<()> {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            let mut options = fs::OpenOptions::new();
            let options = if append { options.append(true) } else { options.write(true).truncate(true) };
            options.create(true).open(&path)?.write_all(bytes)
        };
        if self.fault.is_none()
            && let Err(error) = write()
        {
            self.fault = Some(anyhow::Error::new(error).context(format!("cannot write {}", path.display())));
        }
    }
}

impl Sink for BundleWriter {
    fn file(&mut self, path: &str, bytes: &[u8]) {
        self.write(path, bytes, false);
    }

    fn append(&mut self, path: &str, bytes: &[u8]) {
        self.write(path, bytes, true);
    }
}

/// Packs a directory into an archive, its files in the order of their names and without dates, so that
/// the same bundle always makes the same archive.
pub fn pack(directory: &Path, archive: &Path) -> Result<()> {
    let files = Directory { root: directory.to_owned() };
    let mut paths = files.paths().map_err(anyhow::Error::msg)?;
    paths.sort_unstable();
    let mut writer = zip::ZipWriter::new(std::io::BufWriter::new(File::create(archive)?));
    let options = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    for path in paths {
        writer.start_file(&path, options)?;
        std::io::copy(&mut File::open(directory.join(&path))?, &mut writer)?;
    }
    writer.finish()?.flush()?;
    Ok(())
}

/// A bundle as a directory.
pub struct Directory {
    /// Its path.
    pub root: PathBuf,
}

impl BundleFiles for Directory {
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, ReadError> {
        let path = self.root.join(path);
        // A link leads out of the bundle, and a pipe lets its reader wait for ever.
        let kind = fs::symlink_metadata(&path).map(|found| found.is_file());
        match kind.and_then(|is_file| if is_file { File::open(&path).map(Some) } else { Ok(None) }) {
            Ok(Some(file)) => read_at_most(file, most),
            Ok(None) => Err(ReadError::Failed("it is no plain file".to_owned())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(ReadError::Missing),
            Err(error) => Err(ReadError::Failed(error.to_string())),
        }
    }

    fn paths(&self) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        let mut open = vec![(self.root.clone(), String::new())];
        while let Some((directory, prefix)) = open.pop() {
            let entries = fs::read_dir(&directory).map_err(|error| format!("{}: {error}", directory.display()))?;
            for entry in entries {
                let entry = entry.map_err(|error| error.to_string())?;
                let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
                let kind = entry.file_type().map_err(|error| error.to_string())?;
                if kind.is_dir() {
                    open.push((entry.path(), format!("{name}/")));
                } else if kind.is_file() {
                    found.push(name);
                } else {
                    return Err(format!("{name} is neither a file nor a directory"));
                }
                if found.len() + open.len() > FILES_MAX {
                    return Err(format!("there are more than {FILES_MAX} files, the most a bundle may have"));
                }
            }
        }
        Ok(found)
    }
}

/// The archive that a hall publishes below the address of a sale.
const PUBLISHED: &str = "bundle.zip";

/// A bundle wherever it is.
pub enum Bundle {
    /// A directory of this machine.
    Directory(Directory),
    /// A zip archive.
    Archive(Archive<BufReader<File>>),
    /// A directory at an address.
    Remote(Remote),
}

/// Why a bundle cannot be opened.
pub struct NotOpened {
    /// How the program ends.
    pub exit: Exit,
    /// What is wrong, in words.
    pub why: String,
}

impl Bundle {
    /// Opens what the command line names: a directory, a zip archive, or an http(s) address of either.
    pub fn open(source: &str, network: &Network) -> Result<Self, NotOpened> {
        let unreadable = |why| NotOpened { exit: Exit::WrongUse, why };
        if Address::is_meant(source) {
            let address = Address::parse(source).map_err(|why| unreadable(format!("{source} {why}")))?;
            let client = Client::new(network, &address, CONNECTIONS).map_err(unreadable)?;
            return Self::fetch(client, &address, network);
        }
        let path = Path::new(source);
        if path.is_dir() {
            return Ok(Self::Directory(Directory { root: path.to_owned() }));
        }
        let unopened = |error| unreadable(format!("{source}: {error}"));
        // To open a pipe is to wait for whoever writes to it.
        if !fs::metadata(path).map_err(unopened)?.is_file() {
            return Err(unreadable(format!("{source}: is neither a directory nor a file")));
        }
        let file = File::open(path).map_err(unopened)?;
        Self::archive(BufReader::new(file), source).map_err(unreadable)
    }

    fn archive(file: BufReader<File>, source: &str) -> Result<Self, String> {
        Archive::open(file).map(Self::Archive).map_err(|why| format!("{source}: {why}"))
    }

    fn fetch(client: Client, address: &Address, network: &Network) -> Result<Self, NotOpened> {
        let unreadable = |why| NotOpened { exit: Exit::WrongUse, why };
        let failed = |error| match error {
            FetchError::Missing => unreadable(format!("{address}: there is no bundle at this address")),
            FetchError::TooLarge { most } => {
                unreadable(format!("{address}: is larger than {most} bytes, the most that is fetched"))
            }
            FetchError::World(why) => NotOpened { exit: Exit::WorldFailed, why: format!("{address}: {why}") },
        };
        if !address.is_archive() {
            return match Remote::open(client, address) {
                // The address of a sale in a hall: what it publishes for verifiers is an archive below it.
                Err(FetchError::Missing) => {
                    let archive = address.below(PUBLISHED);
                    let client = Client::new(network, &archive, CONNECTIONS).map_err(unreadable)?;
                    Self::fetch(client, &archive, network).map_err(|NotOpened { exit, why }| match exit {
                        Exit::WrongUse => unreadable(format!(
                            "{address}: there is no bundle at this address, and none as {PUBLISHED} below it"
                        )),
                        _ => NotOpened { exit, why },
                    })
                }
                Ok(remote) if remote.is_of_pledge() => Err(unreadable(format!(
                    "{address}: holds the files of a pledge's bundle one by one; at an address it must be an archive"
                ))),
                opened => opened.map(Self::Remote).map_err(failed),
            };
        }
        let bar = Bar::bytes();
        let file = remote::archive(&client, address, &mut |done, of| bar.at(done, of)).map_err(failed)?;
        drop(bar);
        Self::archive(file, &address.to_string()).map_err(unreadable)
    }

    /// Its files.
    pub fn files(&self) -> &dyn BundleFiles {
        match self {
            Self::Directory(directory) => directory,
            Self::Archive(archive) => archive,
            Self::Remote(remote) => remote,
        }
    }

    /// What failed in the world while the bundle was read, so that nothing can be said of the bundle.
    pub fn fault(&self) -> Option<String> {
        match self {
            Self::Remote(remote) => remote.fault(),
            Self::Directory(_) | Self::Archive(_) => None,
        }
    }
}

/// Reads a policy that the reader trusts; it is held to the limit of a policy in a bundle.
pub fn read_policy(path: &Path) -> Result<String, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let bytes = read_at_most(file, POLICY_MAX).map_err(|error| match error {
        ReadError::TooLarge { most } => format!("is larger than {most} bytes, the most a policy may have"),
        ReadError::Missing => "is missing".to_owned(),
        ReadError::Failed(why) => why,
    })?;
    String::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned())
}
