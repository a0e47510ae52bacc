//! The shipped rulebooks, from which an officer may begin a draft.

/// A shipped rulebook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// Its id and version, such as `cn/zhejiang/yiwu/four-part/2026-01`.
    pub id: &'static str,
    /// Its text.
    pub text: &'static str,
}

macro_rules! templates {
    ($($id:literal),* $(,)?) => {
        &[$(Template { id: $id, text: include_str!(concat!("../../../../rulebooks/", $id, ".toml")) }),*]
    };
}

/// All of them, as they stand in the folder `rulebooks`.
pub const TEMPLATES: &[Template] = templates![
    "cn/anhui/hefei/unit-price-then-total/2016-11",
    "cn/beijing/price-area-scheme/2021",
    "cn/guangdong/shantou/secret-reserve/2017",
    "cn/guangdong/shenzhen/listing-with-project/2019",
    "cn/guangdong/shenzhen/price-area-lottery/2023",
    "cn/hubei/yichang/lease-then-grant/2024",
    "cn/jiangsu/changzhou/price-then-tax/2024-11",
    "cn/jiangsu/nanjing/fuse/2016-07",
    "cn/jiangsu/nanjing/lottery-at-cap/2016-08",
    "cn/jiangsu/nanjing/price-only/2023-10",
    "cn/national/capped-premium/2021",
    "cn/shanghai/one-shot-quote/2021",
    "cn/zhejiang/hangzhou/capped-lottery/2021",
    "cn/zhejiang/hangzhou/one-shot-quote/2022",
    "cn/zhejiang/hangzhou/price-then-care/2016-09",
    "cn/zhejiang/jinhua/flexible-term/2024",
    "cn/zhejiang/sample/graded-listing/2034",
    "cn/zhejiang/wenling/auction/2021-12",
    "cn/zhejiang/wenling/plain-listing/2021-02",
    "cn/zhejiang/wenzhou/price-then-tax/2020-07",
    "cn/zhejiang/yiwu/four-part/2026-01",
    "cn/zhejiang/yiwu/price-then-area/2021",
    "hk/outcry/hammer/2001",
    "hk/tender/reserve-on-closing-day/2023",
    "in/hsiidc/e-auction/2024",
    "sg/gls/confirmed-list/2024",
    "sg/gls/reserve-list/2024",
    "ua/prozorro-sale/dutch-hybrid/2018",
    "ua/prozorro-sale/increase-agree/2019",
    "ua/prozorro-sale/land-english/2021-07",
];

/// The shipped terms of pledges, as they stand in the folder `pledges`.
pub const TERMS_TEMPLATES: &[Template] = &[Template {
    id: "cn/zhejiang/sample/four-part",
    text: include_str!("../../../../pledges/cn/zhejiang/sample/four-part.toml"),
}];

/// The shipped rulebook of this id.
pub fn template(id: &str) -> Option<&'static Template> {
    TEMPLATES.iter().find(|template| template.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(folder: &std::path::Path) -> usize {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.map(|path| if path.is_dir() { count(&path) } else { usize::from(path.extension().is_some()) }).sum()
    }

    #[test]
    fn no_shipped_rulebook_is_left_out() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rulebooks");
        assert_eq!(TEMPLATES.len(), count(&folder));
        assert!(TEMPLATES.iter().all(|template| template.text.contains("landgavel-rulebook/1")));
        for terms in TERMS_TEMPLATES {
            assert_eq!(crate::pledges::foundation::load_terms(terms.text.as_bytes()).unwrap().id, terms.id);
        }
    }
}
