use landgavel_base::{Money, SAFE_INTEGER_MAX, capital_amount};
use proptest::prelude::*;

fn capitals(fen: i64) -> String {
    capital_amount(Money::from_minor(fen).unwrap())
}

/// Reads capitals back without knowing how they are written: each unit multiplies what stands before it.
fn read(text: &str) -> i64 {
    let (sign, text) = text.strip_prefix('负').map_or((1, text), |rest| (-1, rest));
    // Yuan below the last 万, below the last 亿, above it; then fen; and the digit not yet placed.
    let (mut ones, mut myriads, mut hundred_millions, mut fen, mut digit) = (0i64, 0i64, 0i64, 0i64, 0i64);
    for letter in text.chars() {
        if let Some(value) = "零壹贰叁肆伍陆柒捌玖".chars().position(|known| known == letter) {
            digit = i64::try_from(value).unwrap();
            continue;
        }
        match letter {
            '拾' => ones += digit * 10,
            '佰' => ones += digit * 100,
            '仟' => ones += digit * 1000,
            '万' => (myriads, ones) = (ones + digit, 0),
            '亿' => (hundred_millions, myriads, ones) = (myriads * 10_000 + ones + digit, 0, 0),
            '元' => ones += digit,
            '角' => fen += digit * 10,
            '分' => fen += digit,
            '整' => {}
            other => panic!("{other} is no capital numeral"),
        }
        digit = 0;
    }
    sign * ((hundred_millions * 100_000_000 + myriads * 10_000 + ones) * 100 + fen)
}

#[test]
fn examples_of_the_payment_rules_are_written_as_there() {
    for (fen, text) in [
        (140_950, "壹仟肆佰零玖元伍角"),
        (600_714, "陆仟零柒元壹角肆分"),
        (168_032, "壹仟陆佰捌拾元零叁角贰分"),
        (10_700_053, "壹拾万柒仟元零伍角叁分"),
        (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
        (32_504, "叁佰贰拾伍元零肆分"),
    ] {
        assert_eq!(capitals(fen), text);
    }
}

#[test]
fn empty_groups_leave_one_zero_or_none() {
    for (yuan, text) in [
        (100_000_000, "壹亿元整"),
        (100_001_000, "壹亿零壹仟元整"),
        (100_010_000, "壹亿零壹万元整"),
        (110_000_000, "壹亿壹仟万元整"),
        (100_000_001, "壹亿零壹元整"),
        (10, "壹拾元整"),
        (1_000_000_000_000, "壹万亿元整"),
        (1_000_000_000_001, "壹万亿零壹元整"),
        (1_000_100_000_000, "壹万零壹亿元整"),
    ] {
        assert_eq!(capitals(yuan * 100), text);
    }
    assert_eq!(capitals(200_000_000_560), "贰拾亿零伍元陆角");
}

#[test]
fn amounts_below_one_yuan_name_no_yuan() {
    assert_eq!(capitals(35), "叁角伍分");
    assert_eq!(capitals(30), "叁角");
    assert_eq!(capitals(5), "伍分");
}

#[test]
fn zero_and_negative_amounts_have_their_own_words() {
    assert_eq!(capitals(0), "零元整");
    assert_eq!(capitals(-140_950), "负壹仟肆佰零玖元伍角");
}

#[test]
fn the_largest_amount_can_be_written() {
    assert_eq!(capitals(SAFE_INTEGER_MAX), "玖拾万零柒佰壹拾玖亿玖仟贰佰伍拾肆万柒仟肆佰零玖元玖角壹分");
}

#[test]
fn every_amount_below_1100_yuan_and_every_yuan_below_110_000_reads_back() {
    for fen in (0..110_000).chain((0..110_000).map(|yuan| yuan * 100)) {
        assert_eq!(read(&capitals(fen)), fen, "{}", capitals(fen));
    }
}

/// Amounts with many zeros, where the rules are.
fn sparse_amount() -> impl Strategy<Value = i64> {
    proptest::collection::vec(prop_oneof![3 => Just(0i64), 1 => 1..10i64], 15)
        .prop_map(|digits| digits.into_iter().fold(0, |amount, digit| amount * 10 + digit))
}

proptest! {
    #[test]
    fn every_amount_reads_back(fen in -SAFE_INTEGER_MAX..=SAFE_INTEGER_MAX) {
        prop_assert_eq!(read(&capitals(fen)), fen);
    }

    #[test]
    fn amounts_full_of_zeros_read_back(fen in sparse_amount()) {
        prop_assert_eq!(read(&capitals(fen)), fen);
    }

    #[test]
    fn no_two_zeros_stand_together_and_none_before_a_unit(fen in sparse_amount().prop_filter("zero has its own words", |fen| *fen > 0)) {
        let text = capitals(fen);
        for wrong in ["零零", "零万", "零亿", "零元", "零角", "零分", "零整", "亿万"] {
            prop_assert!(!text.contains(wrong), "{text}");
        }
        prop_assert!(!text.starts_with('零'));
        prop_assert_eq!(text.ends_with("元整"), fen % 100 == 0);
    }
}
