use alloc::string::String;

/// A text in the two languages of the product.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bilingual {
    /// Chinese text; the leading one.
    pub zh: String,
    /// English text beside it.
    pub en: String,
}

impl Bilingual {
    /// Builds a text from its two versions.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}
