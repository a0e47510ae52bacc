/// Never first in a line.
const CLOSES: &str = "，。、；：？！）》〉」』】〕”’…％%)]},.;:!?·";
/// Never last in a line.
const OPENS: &str = "（《〈「『【〔“‘([{";

/// A text as it is drawn: what would command a reader's eye and not be seen stands as �, as wherever a stranger's words are
/// told; which shape of a character is meant does not show.
pub(super) fn drawn(text: &str) -> Vec<char> {
    let picks_a_shape = |c: &char| matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}');
    let is_unseen = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    text.chars().filter(|c| !picks_a_shape(c)).map(|c| if is_unseen(c) { '\u{fffd}' } else { c }).collect()
}

/// A text in lines no wider than a width: broken between words and between characters of Chinese, and anywhere where nothing
/// else helps.
pub(super) fn lines(text: &str, room: i32, width: impl Fn(char) -> i32) -> Vec<Vec<char>> {
    let text = drawn(text);
    let mut lines = Vec::new();
    let (mut begin, mut at, mut wide, mut chance) = (0, 0, 0, None);
    while at < text.len() {
        let next = width(text[at]);
        if at > begin && may_break(text[at - 1], text[at]) {
            chance = Some(at);
        }
        if at > begin && wide + next > room && text[at] != ' ' {
            let end = chance.unwrap_or(at);
            lines.push(trimmed(&text[begin..end]));
            (begin, at, wide, chance) = (end, end, 0, None);
            continue;
        }
        wide += next;
        at += 1;
    }
    lines.push(trimmed(&text[begin..]));
    lines
}

fn trimmed(line: &[char]) -> Vec<char> {
    let end = line.iter().rposition(|c| *c != ' ').map_or(0, |last| last + 1);
    line[..end].to_vec()
}

fn may_break(before: char, after: char) -> bool {
    if CLOSES.contains(after) || OPENS.contains(before) || after == ' ' {
        return false;
    }
    before == ' ' || is_wide(before) || is_wide(after) || "-/".contains(before)
}

/// Characters that stand by themselves, as those of Chinese.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(text: &str, room: i32) -> Vec<String> {
        lines(text, room, |c| if is_wide(c) { 2 } else { 1 })
            .into_iter()
            .map(|line| line.into_iter().collect())
            .collect()
    }

    #[test]
    fn words_stay_whole_and_chinese_breaks_anywhere_but_before_what_closes() {
        assert_eq!(broken("one two three", 8), ["one two", "three"]);
        assert_eq!(broken("出让已成交，现将", 10), ["出让已成", "交，现将"]);
        assert_eq!(broken("结果（公示）", 6), ["结果", "（公", "示）"]);
        assert_eq!(broken("cn/zhejiang/wenling", 12), ["cn/zhejiang/", "wenling"]);
        assert_eq!(broken("", 6), [""]);
    }

    #[test]
    fn a_word_that_no_line_holds_is_broken_anywhere() {
        assert_eq!(broken(&"0".repeat(10), 4), ["0000", "0000", "00"]);
        // Not even one character fits: one stands in each line all the same.
        assert_eq!(broken("地块", 1), ["地", "块"]);
        assert_eq!(broken(&"，".repeat(4), 4).concat(), "，，，，");
    }

    #[test]
    fn what_is_not_seen_is_shown_and_shapes_are_left_out() {
        assert_eq!(broken("a\u{202e}b\u{1b}c\nd\u{feff}", 99), ["a�b�c�d�"]);
        assert_eq!(broken("葛\u{e0100}城", 99), ["葛城"]);
    }
}
