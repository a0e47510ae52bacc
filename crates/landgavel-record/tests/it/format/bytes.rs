use landgavel_record::canonical::{Document, encode};
use serde_json::{Value, json};

use super::compare;

/// Texts in their one form.
fn accepted() -> Vec<String> {
    let nested = |lists: usize, inner: &str| format!("{{\"a\":{}{inner}{}}}", "[".repeat(lists), "]".repeat(lists));
    let mut texts: Vec<String> = [
        "{}",
        r#"{"a":0}"#,
        r#"{"a":-1,"b":9007199254740991,"c":-9007199254740991}"#,
        r#"{"a":null,"b":true,"c":false,"d":[],"e":{}}"#,
        r#"{"":"","a":" "}"#,
        r#"{"a":"\"\\\b\f\n\r\t\u0000\u001f"}"#,
        "{\"a\":\"/\u{7f}\u{80}\u{2028}\"}",
        r#"{"\n":1,"!":2,"a":3,"á":4,"落":5}"#,
        // In UTF-16, D83D DE00 stands before FF61; in UTF-8 after it.
        "{\"\u{1F600}\":1,\"\u{FF61}\":2}",
        // Composed and decomposed forms are two keys.
        "{\"e\u{301}\":1,\"\u{e9}\":2}",
        r#"{"a":[1,[2,[3]],{"b":[]}]}"#,
        // A byte order mark inside a string is a character like others.
        "{\"a\":\"\u{feff}\"}",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push(nested(31, ""));
    texts.push(nested(31, "1"));
    texts
}

/// Texts in another form, with what is wrong.
fn refused() -> Vec<(String, &'static str)> {
    let nested = |lists: usize, inner: &str| format!("{{\"a\":{}{inner}{}}}", "[".repeat(lists), "]".repeat(lists));
    let mut texts: Vec<(String, &str)> = [
        ("", "empty"),
        ("[1]", "not an object"),
        ("null", "not an object"),
        (r#"{"a":1"#, "cut short"),
        (r#"{"a":1}}"#, "something after the object"),
        ("{\"a\":1}\n", "something after the object"),
        (" {}", "white space"),
        (r#"{"a": 1}"#, "white space"),
        (r#"{"a":1, "b":2}"#, "white space"),
        ("{\"a\":[1,\t2]}", "white space"),
        ("\u{feff}{}", "a byte order mark"),
        (r#"{"b":1,"a":2}"#, "keys out of order"),
        ("{\"\u{FF61}\":1,\"\u{1F600}\":2}", "keys in the order of their UTF-8 bytes"),
        (r#"{"a":1,"a":1}"#, "a key twice"),
        (r#"{"a":1,"a":2}"#, "a key twice"),
        (r#"{"a":1,"\u0061":1}"#, "a key twice, once escaped"),
        (r#"{"a":-0}"#, "minus zero"),
        (r#"{"a":00}"#, "leading zero"),
        (r#"{"a":01}"#, "leading zero"),
        (r#"{"a":+1}"#, "plus sign"),
        (r#"{"a":1.0}"#, "fraction"),
        (r#"{"a":1e3}"#, "exponent"),
        (r#"{"a":1E3}"#, "exponent"),
        (r#"{"a":9007199254740992}"#, "2^53"),
        (r#"{"a":-9007199254740992}"#, "-2^53"),
        (r#"{"a":18446744073709551616}"#, "2^64"),
        (r#"{"a":NaN}"#, "not a number"),
        (r#"{"a":0x10}"#, "hexadecimal"),
        (r#"{"a":1,}"#, "a comma too many"),
        (r#"{"a":[1,]}"#, "a comma too many"),
        (r#"{a:1}"#, "a key without quotes"),
        (r#"{'a':1}"#, "other quotes"),
        (r#"{"a":tru}"#, "no word"),
        (r#"{"a":True}"#, "no word"),
        (r#"{"a":"\/"}"#, "an escape that is not needed"),
        (r#"{"a":"\u0041"}"#, "an escape that is not needed"),
        (r#"{"a":"\u007f"}"#, "an escape that is not needed"),
        (r#"{"a":"\u000a"}"#, "not the shortest escape"),
        (r#"{"a":"\u001F"}"#, "upper case in an escape"),
        (r#"{"a":"\x41"}"#, "no escape of JSON"),
        (r#"{"a":"\ud83d\ude00"}"#, "an escaped pair of surrogates"),
        (r#"{"a":"\ud800"}"#, "a lone surrogate"),
        (r#"{"a":"\udc00"}"#, "a lone surrogate"),
        ("{\"a\":\"\n\"}", "a control character that is not escaped"),
        ("{\"a\":\"\u{0}\"}", "a control character that is not escaped"),
        (r#"{"a":"1}"#, "a string without an end"),
        (r#"{"a":1/**/}"#, "a comment"),
    ]
    .map(|(text, why)| (text.to_owned(), why))
    .to_vec();
    texts.push((nested(32, ""), "33 levels"));
    texts.push((nested(31, "{}"), "33 levels"));
    texts
}

#[test]
fn restricted_json() {
    let accepted = accepted().into_iter().map(|text| {
        Document::parse(text.as_str()).unwrap_or_else(|error| panic!("{text}: {error}"));
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(encode(&value), text);
        json!(text)
    });
    let accepted: Vec<Value> = accepted.collect();
    let refused = refused().into_iter().map(|(text, why)| {
        assert!(Document::parse(text.as_str()).is_err(), "{text} must be refused: {why}");
        json!({"text": text, "why": why})
    });
    let refused: Vec<Value> = refused.collect();
    // Bytes that are not UTF-8 are no text.
    let not_utf8 = [
        ("7b2261223a22ff227d", "a byte that UTF-8 does not have"),
        ("7b2261223a22c0af227d", "a character in more bytes than it needs"),
        ("7b2261223a22eda080227d", "a surrogate in UTF-8"),
        ("7b2261223a22f4908080227d", "beyond U+10FFFF"),
    ];
    for (hex, why) in not_utf8 {
        let bytes: Vec<u8> =
            (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
        assert!(std::str::from_utf8(&bytes).is_err(), "{why}");
    }
    let not_utf8: Vec<Value> = not_utf8.iter().map(|(hex, why)| json!({"hex": hex, "why": why})).collect();
    compare(
        "restricted.json",
        &json!({"about": "Restricted JSON, docs/format/record.md: texts as they must be, and texts that must be refused.",
                "accepted": accepted, "refused": refused, "not_utf8": not_utf8}),
    );
}
