//! The reference page of the command line, from the same definitions that parse it.

use std::fmt::Write as _;

use clap::{Arg, ArgAction, Command};

use crate::exit::Exit;

const HEAD: &str = "\
# The command line

`landgavel reference command-line` prints this page from the definitions that parse the command line, and the
checks compare it. Data goes to standard output, words for people to standard error, and `--json` gives data for
programs. `-h` after any command tells its options.

## Exit codes

";

const SURROUNDINGS: &str = "
A bundle that cannot be read to its end, because a disk, a server or a line failed, is no wrong bundle: the code
is then 3, and nothing is said of the bundle. Who reads standard output and goes away, as `head` does, ends the
program with 3 as well.

## Surroundings

| variable | what it does |
|---|---|
| `NO_COLOR` | no colours; without a terminal there are none anyway |
| `CLICOLOR_FORCE` | colours even without a terminal |
| `ALL_PROXY`, `HTTPS_PROXY`, `HTTP_PROXY` | the proxy for http and https alike; the first that is set counts |
| `NO_PROXY` | hosts to reach without it |

";

/// The page, as Markdown.
pub fn manual(mut command: Command) -> String {
    command.build();
    let mut text = HEAD.to_owned();
    text.push_str("| code | when |\n|---|---|\n");
    for exit in Exit::ALL {
        let _ = writeln!(text, "| {} | {} |", exit.code(), exit.meaning());
    }
    text.push_str(SURROUNDINGS);
    text.push_str("## For every command\n\n");
    arguments(&mut text, command.get_arguments().filter(|argument| argument.is_global_set()));
    sections(&mut text, &command, "");
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn sections(text: &mut String, command: &Command, path: &str) {
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help" && !sub.is_hide_set()) {
        let path = format!("{path} {}", sub.get_name());
        let _ = writeln!(text, "## `landgavel{path}`\n");
        let about = sub.get_long_about().or(sub.get_about()).map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(text, "{}\n", sentence(&about));
        if !sub.has_subcommands() {
            let usage = sub.clone().render_usage().to_string();
            let usage = usage.trim_start_matches("Usage:").split_whitespace().collect::<Vec<_>>().join(" ");
            let _ = writeln!(text, "```\n{usage}\n```\n");
            arguments(text, sub.get_arguments().filter(|argument| !argument.is_global_set()));
        }
        sections(text, sub, &path);
    }
}

fn arguments<'a>(text: &mut String, listed: impl Iterator<Item = &'a Arg>) {
    let mut rows = String::new();
    for argument in listed.filter(|argument| !argument.is_hide_set() && !is_built_in(argument)) {
        let needed = if argument.is_required_set() {
            "needed".to_owned()
        } else {
            let defaults: Vec<String> =
                argument.get_default_values().iter().map(|value| format!("`{}`", value.to_string_lossy())).collect();
            if argument.get_action().takes_values() { defaults.join(" ") } else { String::new() }
        };
        let help = argument.get_long_help().or(argument.get_help()).map(ToString::to_string).unwrap_or_default();
        let mut meaning = sentence(&help);
        for value in argument.get_possible_values().iter().filter(|_| argument.get_action().takes_values()) {
            let help = value.get_help().map(ToString::to_string).unwrap_or_default();
            let _ = write!(meaning, " `{}`: {}", value.get_name(), sentence(&help));
        }
        let _ = writeln!(rows, "| `{}` | {needed} | {} |", name(argument), meaning.trim_end());
    }
    if !rows.is_empty() {
        let _ = writeln!(text, "| argument | default | meaning |\n|---|---|---|\n{rows}");
    }
}

/// `-h` and `-V`, which every command has.
fn is_built_in(argument: &Arg) -> bool {
    matches!(argument.get_action(), ArgAction::Help | ArgAction::HelpLong | ArgAction::HelpShort | ArgAction::Version)
}

fn name(argument: &Arg) -> String {
    let values: Vec<String> =
        argument.get_value_names().unwrap_or_default().iter().map(|name| format!("<{name}>")).collect();
    let values = if argument.get_action().takes_values() { values.join(" ") } else { String::new() };
    match argument.get_long() {
        Some(long) => format!("--{long} {values}").trim_end().to_owned(),
        None => values,
    }
}

/// One paragraph with a stop at its end, and without what a table's cell cannot hold.
fn sentence(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
    if text.is_empty() || text.ends_with(['.', '?', '!']) { text } else { format!("{text}.") }
}
