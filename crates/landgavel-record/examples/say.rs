//! scratch
use landgavel_record::language::{Files, load_lot, load_rulebook};
use landgavel_record::words::*;
struct Disk;
impl Files for Disk {
    fn read(&self, p: &str) -> Result<Vec<u8>, String> {
        std::fs::read(p).map_err(|e| e.to_string())
    }
}
fn main() {
    let p = std::env::args().nth(1).unwrap();
    let l = if std::env::args().nth(2).as_deref() == Some("en") { Language::En } else { Language::Zh };
    let loaded = if p.starts_with("lots") { load_lot(&Disk, &p) } else { load_rulebook(&Disk, &p) };
    match loaded {
        Ok(x) => {
            let lot = p.starts_with("lots").then_some(&x.lot);
            print!("{}", render_text(&rule_in_words(&x.lot.rulebook, lot, l), l))
        }
        Err(e) => println!("{e:?}"),
    }
}
