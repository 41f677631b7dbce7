//! Claims of copyright. The counter-notice is a legal text that Abate never fills in.

use abate_model::Category;

use super::Words;

/// The words of this category.
pub(super) const WORDS: Words = Words {
    category: Category::Copyright,
    phrases: &[
        "alleged copyright infringement",
        "infringes the copyright",
        "copyright infringement notice",
        "notice of claimed infringement",
        "digital millennium copyright act",
        "hosting copyrighted material",
        "material which infringes",
        "distribution of copyrighted",
        "distributing copyrighted",
    ],
    codes: &["COPYRIGHT_DMCA", "COPYRIGHT_NON_DMCA", "COPYRIGHT", "DMCA"],
    short_names: &["copyright", "dmca", "copyright infringement", "trademark", "brand infringement"],
    keywords: &["dmca", "copyright", "infringement", "bittorrent", "著作権"],
    examples: &["We received a notice of claimed infringement under the Digital Millennium Copyright Act."],
};
