use alloc::string::String;

use crate::money::Money;

const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
const PLACES: [(u64, &str); 4] = [(1000, "仟"), (100, "佰"), (10, "拾"), (1, "")];

/// Writes an amount of renminbi in the capital numerals (大写) of cheques and contracts.
///
/// The amount is in fen. A zero amount is `零元整`; a negative one begins with `负`. An amount that
/// ends at yuan closes with `整`; one that ends at jiao or fen does not. Where the rule lets the
/// writer choose, `零` is left out after 万 and 亿 when the next place is not zero (`壹拾万柒仟元`)
/// and kept between 元 and 角 when the yuan end in zero (`捌拾元零叁角`).
/// The word `人民币`, which the rule wants before the amount, is left to the form.
///
/// Source: 支付结算办法 (银发〔1997〕393号), 附一 正确填写票据和结算凭证的基本规定, items 1 to 5.
///
/// ```
/// use landgavel_base::{Money, capital_amount};
///
/// assert_eq!(capital_amount(Money::from_minor(10_700_053).unwrap()), "壹拾万柒仟元零伍角叁分");
/// ```
pub fn capital_amount(money: Money) -> String {
    let magnitude = money.minor().unsigned_abs();
    let (yuan, jiao, fen) = (magnitude / 100, magnitude / 10 % 10, magnitude % 10);
    let mut out = String::new();
    if money.minor() < 0 {
        out.push('负');
    }
    if yuan > 0 {
        write_yuan(&mut out, yuan);
        out.push('元');
    }
    match (yuan, jiao, fen) {
        (0, 0, 0) => out.push_str("零元整"),
        (_, 0, 0) => out.push('整'),
        (_, 0, _) => {
            if yuan > 0 {
                out.push('零');
            }
            push_digit(&mut out, fen, "分");
        }
        (_, _, _) => {
            if yuan > 0 && yuan % 10 == 0 {
                out.push('零');
            }
            push_digit(&mut out, jiao, "角");
            if fen > 0 {
                push_digit(&mut out, fen, "分");
            }
        }
    }
    out
}

/// Writes whole yuan, group by group of four digits.
fn write_yuan(out: &mut String, yuan: u64) {
    // INVARIANT: money is below 2^53 fen, so there are at most fourteen digits: 万亿, 亿, 万, 元.
    let groups = [yuan / 1_000_000_000_000, yuan / 100_000_000 % 10_000, yuan / 10_000 % 10_000, yuan % 10_000];
    let mut begun = false;
    let mut skipped = false;
    for (index, group) in groups.into_iter().enumerate() {
        if group > 0 {
            if begun && (skipped || group < 1000) {
                out.push('零');
            }
            write_group(out, group);
            begun = true;
        }
        skipped = begun && group == 0;
        match index {
            0 | 2 if group > 0 => out.push('万'),
            // 亿 also closes a count of 万亿 whose own group of 亿 is zero.
            1 if begun => out.push('亿'),
            _ => {}
        }
    }
}

/// Writes 1 to 9999 with one `零` for each inner run of zeros.
fn write_group(out: &mut String, group: u64) {
    let mut begun = false;
    let mut zero = false;
    for (weight, name) in PLACES {
        let digit = group / weight % 10;
        if digit == 0 {
            zero = begun;
            continue;
        }
        if zero {
            out.push('零');
            zero = false;
        }
        push_digit(out, digit, name);
        begun = true;
    }
}

fn push_digit(out: &mut String, digit: u64, unit: &str) {
    out.push(DIGITS[usize::try_from(digit).expect("a decimal digit")]);
    out.push_str(unit);
}
