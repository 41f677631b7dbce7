//! What no other category covers: known Health codes without one, and whatever is not recognised.

use abate_model::Category;

use super::Words;

/// The words of this category.
pub(super) const WORDS: Words =
    Words { category: Category::Other, phrases: &[], codes: &["CC_FRAUD"], short_names: &["other"], keywords: &[], examples: &[] };
