//! What the names in a report mean, for people.

use landgavel_base::Bilingual;
use serde_json::{Map, Value, json};

use super::report::{Caveat, Of};

/// Codes of faults, in the order of `docs/format/verify.md`, and what each means.
const CODES: [(&str, &str, &str); 54] = [
    ("missing", "缺少应有的文件", "something that must be there is missing"),
    ("too_large", "文件超出允许的大小", "a file is larger than it may be"),
    ("unreadable", "内容无法读取", "something cannot be read"),
    ("format", "格式不对，或者是另一版本的格式", "another format, or another version of it"),
    ("not_utf8", "文字编码不是 UTF-8", "a text is not UTF-8"),
    ("stray", "有不属于记录的文件", "a file does not belong to the record"),
    ("no_quorum", "见证规则未要求任何见证", "the policy asks for no witness"),
    ("not_canonical", "写法不是规定的唯一写法", "a text is not written in its one permitted form"),
    ("other_file", "规则、标的或见证规则与公告所定的不是同一份", "a file is not the one that the notice fixed"),
    ("other_lot", "标的与公告所定的不是同一宗", "the lot is not the one of the notice"),
    ("other_log", "属于另一本日志", "it belongs to another log"),
    ("four_eyes", "公告未经两名不同的经办人签名", "the notice is not signed by two different officers"),
    ("other_notice", "公告与您给出的摘要不符", "the notice is not the one whose digest was given"),
    ("not_believed", "检查点的签名不足以采信", "a checkpoint does not bear the signatures that it must"),
    ("order", "检查点的次序颠倒", "checkpoints are not in their order"),
    ("cut_short", "文件被截断", "a file was cut short"),
    ("not_the_last", "最后一个检查点与列表不符", "the last checkpoint is not the last of the list"),
    ("wrong_number", "条目编号与位置不符", "an entry's number is not that of its place"),
    ("bundle", "条目文件无法逐条拆开", "a file of entries cannot be taken apart"),
    ("other_tile", "散列块与条目不符", "a hash tile is not that of the entries"),
    ("other_root", "树根与条目不符", "a root is not that of the entries"),
    ("entry", "条目超出允许的大小", "an entry is larger than it may be"),
    ("empty", "记录是空的", "the record is empty"),
    ("bad_signature", "签名无效", "a signature is not valid"),
    ("no_key", "签名公钥无法读取", "what should be a key is none"),
    ("too_many_signatures", "一条之下签名过多", "an entry bears too many signatures"),
    ("unsigned", "应当签名而未签名", "a signature that is due is missing"),
    ("key_not_allowed", "签名者无权作此行为", "who signed may not do this"),
    ("unreadable_entry", "条目无法读取", "an entry cannot be read"),
    ("field", "有一项内容无法读取", "a field cannot be read"),
    ("other_sale", "签名所指是另一场出让", "what was signed is for another sale"),
    ("already_enrolled", "公钥登记了两次", "a key was enrolled twice"),
    ("id_repeated", "同一报价提交了两次", "a command was brought twice"),
    ("does_not_follow", "记载的结果不是规则推出的结果", "what is recorded does not follow from the rules"),
    ("tick_owed", "依规则早该发生的事没有发生", "something that was due by the rules did not happen"),
    ("wrong_opening", "开启密封报价所用的签名不对", "a seal was opened with a wrong signature"),
    ("seal_not_opened", "有密封报价未开启", "a sealed bid was never opened"),
    ("not_witnessed", "事前未经见证", "it was not witnessed before"),
    ("witnessed_too_late", "见证太迟：当时结果已经可知", "it was witnessed when the result could be known"),
    ("source", "随机数不是公告所定来源的", "the randomness is not of the source that the notice fixed"),
    ("time_runs_backwards", "时间倒流", "time runs backwards"),
    ("round_not_yet", "所用的随机数当时尚未产生", "the randomness did not exist yet at that time"),
    ("dated_back", "时间被提前", "an entry was dated back"),
    ("dated_forward", "时间被推后", "an entry was dated forward"),
    ("witnessed_late", "未在公告所定时限内取得见证", "it was not witnessed within the time of the notice"),
    ("notice_not_published", "公告尚未经见证公布", "the notice had not been published yet"),
    ("tick_late", "到点应发生的事记晚了", "what time brought was entered too late"),
    ("entry_too_long", "条目过长", "an entry would be too long"),
    ("other_outcome", "公布的结果不是规则推出的结果", "the published outcome does not follow from the rules"),
    ("not_awarded", "出让没有成交", "the sale was not awarded"),
    ("not_opened", "成交结果与条款不能构成履约", "award and terms make no pledge"),
    ("other_winner", "竞得人或其公钥与出让记录不符", "the winner or its key is not that of the sale's record"),
    ("no_source", "条款所列的凭证来源没有公钥", "a source that the terms name has no key in the opening"),
    ("other_pledge", "签名所指是另一项履约", "what was signed is for another pledge"),
];

/// What a fault's code means; its message tells the particulars.
pub fn code_in_words(code: &str) -> Option<Bilingual> {
    CODES.iter().find(|(known, _, _)| *known == code).map(|(_, zh, en)| Bilingual::new(*zh, *en))
}

/// All names that a report may hold, for a page: `checks` of a sale and `pledge_checks` in their order (`check`, `zh`,
/// `en`), and `caveats` and `codes` by name.
pub fn legend() -> Value {
    let checks = |of: Of| -> Vec<Value> {
        let titled = of.checks().iter().map(|check| (check.name(), check.title(of)));
        titled.map(|(name, title)| json!({"check": name, "zh": title.zh, "en": title.en})).collect()
    };
    let caveats = Caveat::ALL.into_iter().map(|caveat| (caveat.name(), caveat.text()));
    let codes = CODES.into_iter().map(|(code, zh, en)| (code, Bilingual::new(zh, en)));
    json!({"checks": checks(Of::Sale), "pledge_checks": checks(Of::Pledge), "caveats": by_name(caveats),
           "codes": by_name(codes)})
}

fn by_name(words: impl Iterator<Item = (&'static str, Bilingual)>) -> Map<String, Value> {
    words.map(|(name, text)| (name.to_owned(), json!({"zh": text.zh, "en": text.en}))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes in the tables of the normative pages.
    fn written() -> Vec<String> {
        let pages =
            [include_str!("../../../../docs/format/verify.md"), include_str!("../../../../docs/format/pledge.md")];
        pages.into_iter().flat_map(written_in).collect()
    }

    fn written_in(page: &str) -> Vec<String> {
        let checks = page.split("\n## ").find(|part| part.contains("| check |")).unwrap_or(page);
        let rows = checks.lines().filter(|line| line.starts_with("| `"));
        let cells = rows.filter_map(|row| row.rsplit('|').nth(1));
        cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
    }

    #[test]
    fn every_code_of_the_format_has_words_and_no_other() {
        let written = written();
        assert!(written.len() > 40, "{written:?}");
        for code in &written {
            assert!(code_in_words(code).is_some(), "{code} has no words");
        }
        for (code, _, _) in CODES {
            assert!(written.iter().any(|known| known == code), "{code} is no code of the format");
        }
    }

    #[test]
    fn a_legend_names_every_check_and_caveat_once() {
        let legend = legend();
        for (name, of) in [("checks", Of::Sale), ("pledge_checks", Of::Pledge)] {
            assert_eq!(legend[name].as_array().map(Vec::len), Some(of.checks().len()));
        }
        assert_eq!(legend["caveats"].as_object().map(Map::len), Some(Caveat::ALL.len()));
        assert_eq!(legend["codes"].as_object().map(Map::len), Some(CODES.len()));
    }
}
