use landgavel_record::language::{OneText, load_pledge_terms};
use landgavel_record::pledges::standing_json;

use super::rules::lines;
use crate::pledged::{TINY_COMMANDS, TINY_TERMS, tiny_sold};
use crate::tape::{Tape, mangle};

/// Most commands of one run: enough for a pledge to end, few enough for a fuzzer.
const COMMANDS_MAX: usize = 60;

/// Terms and commands of any bytes or changed from good ones. Terms that are accepted make a pledge, or it is told why not;
/// whatever is asked of it then, its record holds.
///
/// # Panics
/// When it does not.
pub fn pledges(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    let (mut text, mut commands) = (Vec::from(TINY_TERMS), Vec::from(TINY_COMMANDS));
    match tape.byte() % 4 {
        0 => text = tape.rest().to_vec(),
        1 => commands = tape.rest().to_vec(),
        2 => lines(&mut text, &mut tape),
        _ => {
            while !tape.is_empty() {
                mangle(&mut commands, &mut tape);
            }
        }
    }
    let terms = match load_pledge_terms(&OneText(&text), "terms.toml") {
        Ok(terms) => terms,
        Err(findings) => return assert!(findings.iter().any(|finding| !finding.to_string().is_empty())),
    };
    let sold = tiny_sold();
    let grounds = match sold.grounds(&terms) {
        Ok(grounds) => grounds,
        Err(why) => return assert!(!why.to_string().is_empty()),
    };
    let today = grounds.opened.pledge.contract().signed;
    assert!(standing_json(&grounds.opened, today).is_object());
    let Ok(bundle) = sold.run(grounds, &commands, COMMANDS_MAX) else { return };
    let report = bundle.report();
    assert!(report.holds(), "{}", report.json());
}

/// Good terms and commands in all ways, with extreme numbers among them.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds =
        vec![vec![2], vec![3], [vec![0], TINY_TERMS.into()].concat(), [vec![1], TINY_COMMANDS.into()].concat()];
    let numbered = TINY_TERMS.lines().enumerate().filter(|(_, line)| line.contains(|c: char| c.is_ascii_digit()));
    for (line, _) in numbered {
        for edge in [0, 5, 6, 9] {
            seeds.push(vec![2, 5, 0, u8::try_from(line).unwrap_or(0), edge]);
        }
    }
    for at in 0..8 {
        seeds.push(vec![3, at, at, 40, 0, 20, 0, 9]);
    }
    seeds
}
