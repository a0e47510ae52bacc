//! The shipped cards, each against arithmetic done by hand.

use std::path::Path;

use landgavel_base::Date;
use landgavel_record::figures::lines;
use landgavel_record::language::{in_force, load_scorecard};
use landgavel_record::record::sha256;

use super::{figures, scores, shipped};
use crate::language::Repository;

fn all(folder: &Path, out: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all(&path, out);
        } else {
            out.push(path.to_string_lossy().into_owned());
        }
    }
}

#[test]
fn every_shipped_card_loads_without_a_finding_and_its_name_is_its_place() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scorecards");
    let mut paths = Vec::new();
    all(&root, &mut paths);
    assert!(paths.len() >= 18, "{paths:?}");
    for path in paths {
        let inside = path.split("scorecards/").last().expect("a part");
        let loaded = shipped(&format!("scorecards/{inside}"));
        assert!(loaded.findings.is_empty(), "{path}: {:?}", loaded.findings);
        assert_eq!(inside, format!("{}/{}.toml", loaded.card.id, loaded.card.version));
    }
}

/// Whoever has a certificate or a grade by a version of a card can score again as long as it is what it was.
#[test]
fn a_published_version_never_changes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let golden = root.join("golden/scorecards.txt");
    let mut paths = Vec::new();
    all(&root.join("scorecards"), &mut paths);
    let mut digests: Vec<String> = paths
        .iter()
        .map(|path| {
            let inside = path.split("scorecards/").last().expect("a part");
            format!("{}  {inside}\n", sha256(&std::fs::read(path).expect("a card")))
        })
        .collect();
    digests.sort_by(|one, other| one[66..].cmp(&other[66..]));
    let known = std::fs::read_to_string(golden).expect("golden/scorecards.txt");
    for line in known.lines() {
        let is_there = digests.iter().any(|digest| digest.trim_end() == line);
        assert!(is_there, "changed under its version, or gone: {line}\na change of a card is a file of a new version");
    }
    assert_eq!(digests.concat(), known, "a new version: add its line to golden/scorecards.txt");
}

const ON_SCALE: &str = "企业名称,税收实际贡献,自有用地,租入用地,租出用地,工业增加值,综合能耗（等价值）,主要污染物排放当量,年平均职工人数,研发经费支出,主营业务收入,一票否决,不参评\n";

/// A firm whose every indicator is the printed benchmark gets exactly the weights: 100 points.
/// 24.097·100 mu = 2409.7; value added 136.16·100 = 13616; energy 13616/2.694; and so on, chosen so that each divides out.
#[test]
fn huangyan_2022_gives_full_points_at_its_printed_benchmarks() {
    let card = shipped("scorecards/cn/zhejiang/huangyan/on-scale/2022.toml");
    // One column at a time: twice the benchmark on tax earns 60, capped at 45; the rest by hand below.
    let table = format!(
        "{ON_SCALE}甲,2409.7,100,,,13616,5054.1945,2.761981,751,302,10000,,\n乙,4819.4,100,,,13616,5054.1945,2.761981,751,302,10000,,\n"
    );
    let found = scores(&card, &table);
    // Energy: 13616/5054.1945 = 2.694000 (rounded to six places). Emission: 13616/2.761981 = 4929.80…
    // Labour: 13616/751 = 18.130493 → 18.130493/18.14·10 = 9.994759.
    // Total = 30 + 20 + 20 + 10 + 9.994759 + 10 = 99.99 after rounding; the second gets 15 more, by the cap.
    assert_eq!(found[0].1, "99.99");
    assert_eq!(found[1].1, "114.99");
    let figures = figures(&card, &table, 1).expect("a sound table");
    let survey = figures.survey().expect("fixed benchmarks");
    let told = lines(&card, &survey.explain(1).expect("a sound row"));
    assert_eq!(told[0].points.as_deref(), Some("45"));
    assert_eq!(told[0].why.zh, "48.194 ÷ 24.097 × 30 = 60，封顶 45");
    assert!(told[0].source.as_deref().expect("a source").contains("黄岩"));
}

#[test]
fn huangyan_2021_and_2022_print_other_coefficients() {
    let table = format!("{ON_SCALE}甲,2601,100,,,13227,13227,13227,13227,305,10000,,\n");
    // 2021: tax 26.01/26.01·30 = 30; value 132.27/132.27·20 = 20; energy 1/2.54·20 = 7.874016;
    // emission 1/4861.08·10 = 0.002057; labour 1/17.45·10 = 0.573066; R&D 0.0305/0.0305·10 = 10. Sum 68.449139.
    let of_2021 = shipped("scorecards/cn/zhejiang/huangyan/on-scale/2021.toml");
    assert_eq!(scores(&of_2021, &table)[0].1, "68.45");
    // 2022: 26.01/24.097·30 = 32.381624; 132.27/136.16·20 = 19.428614; 1/2.694·20 = 7.423905; 1/4929.81·10 = 0.002028;
    // 1/18.14·10 = 0.551268; 0.0305/0.0302·10 = 10.099338. Sum 69.886777.
    let of_2022 = shipped("scorecards/cn/zhejiang/huangyan/on-scale/2022.toml");
    assert_eq!(scores(&of_2022, &table)[0].1, "69.89");
}

#[test]
fn huangyan_gives_the_mean_score_to_a_firm_without_emission_data() {
    let card = shipped("scorecards/cn/zhejiang/huangyan/on-scale/2022.toml");
    // Emission points: 4929.81/4929.81·10 = 10 and half of it, 5; the third gets their mean, 7.5.
    let table = format!(
        "{ON_SCALE}甲,0,100,,,4929.81,1000000000,1,1000000000,0,1,,\n乙,0,100,,,4929.81,1000000000,2,1000000000,0,1,,\n丙,0,100,,,4929.81,1000000000,,1000000000,0,1,,\n"
    );
    let figures = figures(&card, &table, 1).expect("a sound table");
    let survey = figures.survey().expect("fixed benchmarks");
    let points: Vec<Option<String>> =
        (0..3).map(|row| lines(&card, &survey.explain(row).expect("a sound row"))[3].points.clone()).collect();
    assert_eq!(points, [Some("10".into()), Some("5".into()), Some("7.5".into())]);
}

#[test]
fn huangyan_below_scale_is_tax_per_mu_and_per_kilowatt_hour() {
    let card = shipped("scorecards/cn/zhejiang/huangyan/below-scale/2022.toml");
    let table =
        "企业名称,税收实际贡献,自有用地,租入用地,租出用地,用电量,一票否决,不参评\n甲,115.932,12,3,5,985.816327,,\n";
    // Land 12 + 3 − 5 = 10 mu; 115.932/10 = 11.5932 → 50. Electricity kept to four places, 985.8163:
    // 115.932/985.8163 = 0.117600 → 0.1176/0.2352·50 = 25. Total 75.
    assert_eq!(scores(&card, table)[0].1, "75");
}

#[test]
fn jingde_spreads_the_points_from_a_fifth_to_the_whole() {
    let card = shipped("scorecards/cn/anhui/jingde/yield-per-mu/2022.toml");
    let table = "企业名称,税收实际贡献,自有用地,租入用地,租出用地,主营业务收入,一票否决,不参评\n\
                 甲,100,10,,,1000,,\n乙,300,10,,,1000,,\n丙,150,10,,,1000,,\n";
    // Tax per mu 10, 30, 15: 50·(20 + 80·(x−10)/20)/100 = 10, 50, 20. Revenue is alike for all: 50 each.
    let totals: Vec<String> = scores(&card, table).into_iter().map(|row| row.1).collect();
    assert_eq!(totals, ["60", "100", "70"]);
}

#[test]
fn yiwu_ranks_inside_four_industries_and_leaves_out_small_plots() {
    let card = shipped("scorecards/cn/zhejiang/yiwu/on-scale/2023.toml");
    let head = ON_SCALE.trim_end().to_owned() + ",行业\n";
    let row = |name: &str, tax: u32, land: u32, industry: &str| {
        format!("{name},{tax},{land},,,1000,100,1,50,30,1000,,,{industry}\n")
    };
    let table = head
        + &row("甲", 100, 10, "纺织服装")
        + &row("乙", 900, 10, "机械电子")
        + &row("丙", 300, 10, "纺织服装")
        + &row("丁", 900, 2, "其他");
    let found = scores(&card, &table);
    // Textiles: mean of totals 400/20 = 20; 10/20·35 = 17.5 and 30/20·35 = 52.5, exactly the cap of 1.5·35.
    assert_eq!(found.iter().map(|row| row.2).collect::<Vec<_>>(), [Some(2), Some(1), Some(1), None]);
    assert_eq!(found[2].1, "117.5");
    assert_eq!(found[3].3, "–");
}

#[test]
fn innovative_standard_is_points_or_a_direct_condition() {
    let card = shipped("scorecards/cn/national/innovative-sme/2022.toml");
    let head = "企业名称,class1_high_value,class1_own,class1,class2,rd,revenue,main_revenue,main_revenue_before,debts,assets,strategic_field,science_award,valid_title,rd_institution,equity_3y\n";
    // 20 + 15 (4 %) + 15 (10 %) + 10 (50 %) + 10 + 20 (80 %) = 90.
    let good = "甲,1,0,0,0,40,1000,800,727,500,1000,是,,,,\n";
    // No property, R&D 0.5 %, shrinking, debts 80 %: 0 + 0 + 0 + 0 + 5 + 20 = 25, but equity of 500.
    let direct = "乙,0,0,0,0,5,1000,800,900,800,1000,否,,,,500\n";
    let poor = "丙,0,0,0,0,5,1000,800,900,800,1000,否,,,,499.9999\n";
    // 60 points, but innovation of 15 only: 5 + 10 … is below 20.
    let uneven = "丁,0,0,0,1,24,1000,800,600,500,1000,是,,,,\n";
    let found = scores(&card, &format!("{head}{good}{direct}{poor}{uneven}"));
    let told: Vec<(&str, &str)> = found.iter().map(|row| (row.1.as_str(), row.3.as_str())).collect();
    assert_eq!(told, [("90", "创新型中小企业"), ("25", "创新型中小企业"), ("25", "不符合"), ("75", "不符合")]);
}

#[test]
fn thresholds_have_two_sides() {
    let industry = shipped("scorecards/cn/national/on-scale-industry/2011.toml");
    let table = "企业名称,main_revenue\n甲,2000\n乙,1999.9999\n";
    let grades: Vec<String> = scores(&industry, table).into_iter().map(|row| row.3).collect();
    assert_eq!(grades, ["规上", "规下"]);
    let digital = shipped("scorecards/cn/national/digital-level/2022.toml");
    let grades: Vec<String> = scores(&digital, "企业名称,digital_score\na,80\nb,79.99\nc,60\nd,40\ne,20\nf,19.99\n")
        .into_iter()
        .map(|row| row.3)
        .collect();
    assert_eq!(grades, ["四级", "三级", "三级", "二级", "一级", "未达一级"]);
    let county = shipped("scorecards/cn/zhejiang/industrial-county/2024.toml");
    let table =
        "县（市、区）,output,value_added,firms\n甲,1000,0,0\n乙,999.9999,199.9999,999\n丙,0,200,0\n丁,0,0,1000\n";
    let grades: Vec<String> = scores(&county, table).into_iter().map(|row| row.3).collect();
    assert_eq!(grades, ["工业大县", "非工业大县", "工业大县", "工业大县"]);
}

#[test]
fn the_version_in_force_is_chosen_by_date() {
    let versions: Vec<_> =
        ["1998", "2007", "2011"].map(|v| shipped(&format!("scorecards/cn/national/on-scale-industry/{v}.toml"))).into();
    let on = |year, month, day| {
        let day = Date::from_ymd(year, month, day).expect("a day");
        in_force(versions.iter(), day).map(|loaded| loaded.card.version.clone())
    };
    assert_eq!(on(1997, 12, 31), None);
    assert_eq!(on(2006, 12, 31).as_deref(), Some("1998"));
    assert_eq!(on(2007, 1, 1).as_deref(), Some("2007"));
    assert_eq!(on(2010, 12, 31).as_deref(), Some("2007"));
    assert_eq!(on(2026, 1, 1).as_deref(), Some("2011"));
    let replaced = shipped("scorecards/cn/national/specialised-sme/2022.toml");
    assert!(in_force([replaced].iter(), Date::from_ymd(2026, 4, 1).expect("a day")).is_none());
}

#[test]
fn parameters_are_set_from_outside() {
    let path = "scorecards/cn/zhejiang/huangyan/on-scale/2022.toml";
    let set = [("cap".to_owned(), "200 %".to_owned())];
    let card = load_scorecard(&Repository, path, &set).expect("a sound card");
    assert!(card.parameters[0].is_set);
    let table = format!("{ON_SCALE}甲,4819.4,100,,,0,1,1,1,0,1,,\n");
    assert_eq!(scores(&card, &table)[0].1, "60");
    let unknown =
        load_scorecard(&Repository, path, &[("kap".to_owned(), "1".to_owned())]).expect_err("no such parameter");
    assert_eq!(unknown[0].code.as_str(), "unknown-parameter");
}

#[test]
fn every_shipped_column_of_ten_thousands_has_a_greatest_plausible_figure() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scorecards");
    let mut paths = Vec::new();
    all(&root, &mut paths);
    for path in paths {
        let inside = path.split("scorecards/").last().expect("a part");
        let loaded = shipped(&format!("scorecards/{inside}"));
        for (column, rule) in loaded.card.columns.iter().zip(&loaded.heads.columns) {
            // Without it 元 written for 万元 is never seen.
            assert!(!column.unit.starts_with('万') || rule.at_most.is_some(), "{path}: {}", column.id);
        }
    }
}
