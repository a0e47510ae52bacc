use landgavel_base::{CheckDigit, CreditCode};
use proptest::prelude::*;

fn code(text: &str) -> CreditCode {
    CreditCode::parse(text).unwrap()
}

#[test]
fn real_codes_pass_both_checks() {
    for text in ["11330782002609434C", "914403001922038216", "91110000600037341L", "9135021359498494XQ"] {
        assert_eq!(code(text).check_digit(), CheckDigit::Matches);
        assert_eq!(code(text).organisation_check_digit(), CheckDigit::Matches);
    }
}

#[test]
fn a_real_code_that_fails_the_check_is_read_with_a_warning() {
    let code = code("91350203M0001QAY9B");
    assert_eq!(code.check_digit(), CheckDigit::Differs { expected: '9', found: 'B' });
    assert_eq!(code.organisation_check_digit(), CheckDigit::Matches);
}

#[test]
fn a_code_splits_into_its_parts() {
    let bureau = code("11330782002609434C");
    assert_eq!((bureau.authority(), bureau.category(), bureau.county()), ('1', '1', "330782"));
    assert_eq!(bureau.organisation_code(), "002609434");
    assert_eq!(bureau.to_string(), "11330782002609434C");
}

#[test]
fn codes_that_leave_the_form_are_refused_at_their_position() {
    for (text, position) in [
        ("", 1),
        ("1133078200260943C", 18),
        ("11330782002609434CC", 19),
        ("1133O782002609434C", 5),
        ("1133A782002609434C", 5),
        ("113307820026I9434C", 13),
        ("11330782002609434c", 18),
    ] {
        assert_eq!(CreditCode::parse(text).unwrap_err().position, position, "{text}");
    }
}

proptest! {
    #[test]
    fn exactly_one_last_character_matches(text in "[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{9}") {
        let matching = "0123456789ABCDEFGHJKLMNPQRTUWXY"
            .chars()
            .filter(|last| code(&format!("{text}{last}")).check_digit() == CheckDigit::Matches)
            .count();
        prop_assert_eq!(matching, 1);
    }

    #[test]
    fn one_mistyped_digit_is_always_noticed(index in 0..17usize, text in "9133078[0-9]{10}") {
        let good = ('0'..='9')
            .chain('A'..='Y')
            .find_map(|last| {
                let code = CreditCode::parse(&format!("{text}{last}")).ok()?;
                (code.check_digit() == CheckDigit::Matches).then_some(code)
            })
            .unwrap();
        let mut typed = good.to_string();
        let digit = typed[index..=index].parse::<u32>().unwrap();
        typed.replace_range(index..=index, &((digit + 1) % 10).to_string());
        prop_assert_ne!(code(&typed).check_digit(), CheckDigit::Matches);
    }
}
